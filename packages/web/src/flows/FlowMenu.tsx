import { ApiError, endpoints, type Flow } from '@latchwork/contract'
import { ActionIcon, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { may } from '../access/role.ts'
import { useUpdateFlow } from './queries.ts'

interface FlowMenuProps {
  flow: Flow
  onEdit(): void
  onDelete(): void
}

/** What is done to a flow less often than running it. */
export function FlowMenu({ flow, onEdit, onDelete }: FlowMenuProps) {
  const update = useUpdateFlow(flow.id)
  const mayUpdate = may(flow, endpoints.flows.update)
  const mayDelete = may(flow, endpoints.flows.delete)
  if (!mayUpdate && !mayDelete) return null
  const pause = (paused: boolean) =>
    update.mutate(
      { paused },
      {
        onError: (error) =>
          notifications.show({
            color: 'red',
            title: `${flow.name} wasn't ${paused ? 'paused' : 'resumed'}`,
            message: error instanceof ApiError ? error.problem.detail : 'Try again.',
          }),
      },
    )
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon size={30} aria-label={`More for ${flow.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayUpdate && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            Edit
          </Menu.Item>
        )}
        {mayUpdate && flow.paused === null && (
          <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => pause(true)}>
            Pause
          </Menu.Item>
        )}
        {mayUpdate && flow.paused !== null && (
          <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => pause(false)}>
            Resume
          </Menu.Item>
        )}
        {mayDelete && (
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
