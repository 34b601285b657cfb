import type { Flow } from '@latchwork/contract'
import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useDeleteFlow } from './queries.ts'

interface DeleteFlowProps {
  /** Null while nothing was ever to be deleted: the dialog is closed then. */
  flow: Flow | null
  opened: boolean
  onClose(): void
}

/** Asks before a flow is deleted, and says why it can't be. */
export function DeleteFlow({ flow, opened, onClose }: DeleteFlowProps) {
  const remove = useDeleteFlow()
  const navigate = useNavigate()
  const close = () => {
    remove.reset()
    onClose()
  }
  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this flow?"
      confirmLabel="Delete flow"
      danger
      busy={remove.isPending}
      onCancel={close}
      onConfirm={() => {
        if (flow === null) return
        remove.mutate(flow.id, {
          onSuccess: () => {
            close()
            void navigate({ to: '/flows' })
          },
        })
      }}
    >
      <Stack gap="md">
        <Text>
          <strong dir="auto">{flow?.name}</strong> and the history of its runs are deleted. Its data source
          and data destination stay, and so does everything that it has written.
        </Text>
        {remove.error !== null && <ProblemAlert error={remove.error} />}
      </Stack>
    </ConfirmDialog>
  )
}
