import { ApiError, endpoints, type Flow, scheduleWords } from '@latchwork/contract'
import { VisuallyHidden } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPlayerPauseFilled, IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Owner } from '../access/Owner.tsx'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Badge, StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { FlowMenu } from './FlowMenu.tsx'
import classes from './FlowRow.module.css'
import { FlowPicture } from './FlowSides.tsx'
import { isActive } from './measures.ts'
import { NextRun } from './Schedule.tsx'
import { useRunAsking } from './useRunAsking.tsx'

interface FlowRowProps {
  flow: Flow
  onEdit(): void
  onDelete(): void
}

/** A flow in the list. */
export function FlowRow({ flow, onEdit, onDelete }: FlowRowProps) {
  const run = useRunAsking(flow.id)
  const { lastRun } = flow
  const active = lastRun !== null && isActive(lastRun)
  const start = () =>
    run.start((error) =>
      notifications.show({
        color: 'red',
        title: `${flow.name} wasn't started`,
        message: error instanceof ApiError ? error.problem.detail : 'Try again.',
      }),
    )
  return (
    <li className={classes['row']}>
      <div className={classes['main']}>
        <Link to="/flows/$flowId" params={{ flowId: flow.id }} className={classes['name']} title={flow.name}>
          <bdi>{flow.name}</bdi>
        </Link>
        <FlowPicture flow={flow} />
      </div>
      <div className={classes['last']}>
        {lastRun === null ? (
          <span className={classes['quiet']}>Never run</span>
        ) : (
          <Link to="/runs/$runId" params={{ runId: lastRun.id }} className={classes['run']}>
            <VisuallyHidden>Last run of {flow.name}: </VisuallyHidden>
            <StatusBadge status={lastRun.status} />
            <span className={classes['quiet']}>
              <TimeAgo at={lastRun.startedAt ?? lastRun.createdAt} />
            </span>
          </Link>
        )}
      </div>
      <div className={classes['schedule']}>
        <span>{scheduleWords(flow.schedule)}</span>
        <span className={classes['quiet']}>
          <Owner owner={flow.owner} />
        </span>
        {flow.paused !== null && (
          <span>
            <Badge tone="warning" Icon={IconPlayerPauseFilled}>
              Paused
            </Badge>
          </span>
        )}
        {flow.nextRunAt !== null && (
          <span className={classes['quiet']}>
            <NextRun at={flow.nextRunAt} />
          </span>
        )}
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
            onClick={start}
          >
            {active ? 'Running' : 'Run now'}
          </BusyButton>
        )}
        <FlowMenu flow={flow} onEdit={onEdit} onDelete={onDelete} />
      </div>
    </li>
  )
}
