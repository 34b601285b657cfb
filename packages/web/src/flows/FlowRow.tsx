import { endpoints, type ListedFlow, scheduleWords } from '@latchwork/contract'
import { VisuallyHidden } from '@mantine/core'
import { IconPlayerPauseFilled, IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Owner } from '../access/Owner.tsx'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Badge, StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { tell } from './AttentionAction.tsx'
import { FlowMenu, type FlowMenuProps } from './FlowMenu.tsx'
import classes from './FlowRow.module.css'
import { FlowPicture } from './FlowSides.tsx'
import { isActive } from './measures.ts'
import { RunStrip } from './RunStrip.tsx'
import { NextRun } from './Schedule.tsx'
import { streamsWords } from './strip.ts'
import { useRunAsking } from './useRunAsking.tsx'

interface FlowRowProps extends FlowMenuProps {
  flow: ListedFlow
}

/** A flow that needs nobody: how its last runs went, how fresh it is, and when it runs. */
export function FlowRow({ flow, ...menu }: FlowRowProps) {
  const run = useRunAsking(flow.id)
  const { lastRun, freshAt } = flow
  const active = lastRun !== null && isActive(lastRun)
  return (
    <li className={classes['row']}>
      <div className={classes['main']}>
        <Link to="/flows/$flowId" params={{ flowId: flow.id }} className={classes['name']} title={flow.name}>
          <bdi>{flow.name}</bdi>
        </Link>
        <FlowPicture flow={flow} />
      </div>
      <div className={classes['runs']}>
        <RunStrip runs={flow.recentRuns} />
      </div>
      <div className={classes['when']}>
        <span className={classes['fresh']}>
          {lastRun !== null && (active || freshAt === null) ? (
            <Link to="/runs/$runId" params={{ runId: lastRun.id }} className={classes['run']}>
              <VisuallyHidden>Last run of {flow.name}: </VisuallyHidden>
              <StatusBadge status={lastRun.status} />
            </Link>
          ) : (
            freshAt !== null && (
              <span>
                Fresh <TimeAgo at={freshAt} />
              </span>
            )
          )}
          {flow.paused !== null && (
            <Badge tone="warning" Icon={IconPlayerPauseFilled}>
              Paused
            </Badge>
          )}
        </span>
        <span className={classes['quiet']}>
          {scheduleWords(flow.schedule)}
          {flow.nextRunAt !== null && (
            <>
              , <NextRun at={flow.nextRunAt} />
            </>
          )}
        </span>
      </div>
      <div className={classes['what']}>
        <span className={classes['streams']} title={streamsWords(flow)}>
          {streamsWords(flow)}
        </span>
        <span className={classes['quiet']}>
          <Owner owner={flow.owner} />
        </span>
      </div>
      {run.dialog}
      <div className={classes['actions']}>
        {may(flow, endpoints.flows.run) && (
          <BusyButton
            variant="default"
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            aria-label={active ? `Running: ${flow.name}` : `Run now: ${flow.name}`}
            busy={run.isPending}
            disabled={active}
            onClick={() => run.start((error) => tell(error, `${flow.name} wasn't started`))}
          >
            {active ? 'Running' : 'Run now'}
          </BusyButton>
        )}
        <FlowMenu flow={flow} {...menu} />
      </div>
    </li>
  )
}
