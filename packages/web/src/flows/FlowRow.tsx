import { ApiError, type Flow } from '@latchwork/contract'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDotsVertical, IconPencil, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { StatusBadge } from '../app/StatusBadge.tsx'
import { TimeAgo } from '../app/TimeAgo.tsx'
import { isActive } from '../runs/measures.ts'
import { DeleteFlow } from './DeleteFlow.tsx'
import { EditFlow } from './EditFlow.tsx'
import { FlowPicture } from './FlowPicture.tsx'
import classes from './FlowsPage.module.css'
import { useRunFlow } from './queries.ts'
import { scheduleLabel } from './schedule.ts'

/** A flow in the list. */
export function FlowRow({ flow }: { flow: Flow }) {
  const navigate = useNavigate()
  const run = useRunFlow()
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null)
  const { lastRun } = flow
  const active = lastRun !== null && isActive(lastRun)
  const start = () =>
    run.mutate(flow.id, {
      onSuccess: (started) => void navigate({ to: '/runs/$runId', params: { runId: started.id } }),
      onError: (error) =>
        notifications.show({
          color: 'red',
          title: `${flow.name} wasn't started`,
          message: error instanceof ApiError ? error.problem.detail : 'Try again.',
        }),
    })
  return (
    <li className={classes['row']}>
      <div className={classes['main']}>
        <Link
          to="/flows/$flowId"
          params={{ flowId: flow.id }}
          className={classes['name']}
          dir="auto"
          title={flow.name}
        >
          {flow.name}
        </Link>
        <FlowPicture flow={flow} />
      </div>
      <div className={classes['last']}>
        {lastRun === null ? (
          <span className={classes['quiet']}>Never run</span>
        ) : (
          <Link
            to="/runs/$runId"
            params={{ runId: lastRun.id }}
            className={classes['run']}
            aria-label={`Last run of ${flow.name}: ${lastRun.status}`}
          >
            <StatusBadge status={lastRun.status} />
            <span className={classes['quiet']}>
              <TimeAgo at={lastRun.startedAt ?? lastRun.createdAt} />
            </span>
          </Link>
        )}
      </div>
      <div className={classes['schedule']}>
        <span>{scheduleLabel(flow.scheduleMinutes)}</span>
        {flow.nextRunAt !== null && (
          <span className={classes['quiet']}>
            next <TimeAgo at={flow.nextRunAt} />
          </span>
        )}
      </div>
      <div className={classes['actions']}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          aria-label={`Run ${flow.name} now`}
          loading={run.isPending}
          disabled={active}
          onClick={start}
        >
          {active ? 'Running' : 'Run now'}
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={30} aria-label={`More for ${flow.name}`}>
              <IconDotsVertical size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setDialog('edit')}>
              Edit
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDialog('delete')}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <EditFlow flow={flow} opened={dialog === 'edit'} onClose={() => setDialog(null)} />
      <DeleteFlow flow={flow} opened={dialog === 'delete'} onClose={() => setDialog(null)} />
    </li>
  )
}
