import { endpoints, type Flow } from '@latchwork/contract'
import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowsExchange,
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from '@tabler/icons-react'
import { may } from '../access/role.ts'
import { tell } from './AttentionAction.tsx'
import { useDuplicateFlow, useUpdateFlow } from './queries.ts'

export interface FlowMenuProps {
  flow: Flow
  onEdit(): void
  onChangeSides(): void
  onDelete(): void
}

/** What is done to a flow less often than running it. */
export function FlowMenu({ flow, onEdit, onChangeSides, onDelete }: FlowMenuProps) {
  const update = useUpdateFlow(flow.id)
  const duplicate = useDuplicateFlow()
  const mayUpdate = may(flow, endpoints.flows.update)
  const mayDelete = may(flow, endpoints.flows.delete)
  const pause = (paused: boolean) =>
    update.mutate(
      { paused },
      {
        onError: (error) => tell(error, `${flow.name} wasn't ${paused ? 'paused' : 'resumed'}`),
      },
    )
  return (
    <Menu position="bottom-end" width={240}>
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
        {mayUpdate && (
          <Menu.Item leftSection={<IconArrowsExchange size={16} aria-hidden />} onClick={onChangeSides}>
            Change source or destination
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden />}
          onClick={() =>
            duplicate.mutate(flow.id, { onError: (error) => tell(error, `${flow.name} wasn't copied`) })
          }
        >
          Duplicate
        </Menu.Item>
        {mayDelete && (
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
