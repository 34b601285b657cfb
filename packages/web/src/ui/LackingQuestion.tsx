import { ApiError } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { ConfirmDialog } from './ConfirmDialog.tsx'

interface LackingQuestionProps {
  /** What the server answered to the change. */
  error: unknown
  onConfirm(): void
  onCancel(): void
}

/** Whether an answer asks about what another account lacks. */
export function asksAboutLacking(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'account_lacks'
}

/** Names what another account lacks, before it is used all the same. */
export function LackingQuestion({ error, onConfirm, onCancel }: LackingQuestionProps) {
  const asks = asksAboutLacking(error)
  const faults = error instanceof ApiError ? (error.problem.errors ?? []) : []
  return (
    <ConfirmDialog
      opened={asks}
      title="Use an account that lacks some of this?"
      confirmLabel="Use it all the same"
      onConfirm={onConfirm}
      onCancel={onCancel}
    >
      <Text size="sm">Runs stop where it is missing, and write nothing wrong, until you choose again:</Text>
      <ul style={{ overflowWrap: 'anywhere', paddingInlineStart: '1.25em' }}>
        {faults.map(({ message }) => (
          <li key={message}>
            <Text size="sm">
              <bdi>{message}</bdi>
            </Text>
          </li>
        ))}
      </ul>
    </ConfirmDialog>
  )
}
