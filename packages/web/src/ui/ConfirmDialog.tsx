import { Button, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { BusyButton } from './BusyButton.tsx'
import { Dialog } from './dialogs.tsx'
import { ProblemAlert } from './ProblemAlert.tsx'

interface ConfirmDialogProps {
  opened: boolean
  title: string
  /** What happens, to what. */
  children: ReactNode
  confirmLabel: string
  cancelLabel?: string
  /** What is confirmed destroys something. */
  danger?: boolean
  /** What confirming starts: while it works the dialog waits, and what it meets stands here until the dialog is left. */
  work?: { readonly isPending: boolean; readonly error: unknown; reset(): void }
  /** What blocks the action; shown under the error. */
  blockers?: ReactNode
  onConfirm(): void
  onCancel(): void
}

/** Asks once before something that can't be undone. The harmless answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, children, confirmLabel, cancelLabel = 'Cancel', danger = false, work } = props
  const cancel = () => {
    work?.reset()
    props.onCancel()
  }
  return (
    <Dialog opened={opened} onClose={cancel} title={title} size={440}>
      <Stack gap="lg">
        <Stack gap="md">
          <div>{children}</div>
          {work !== undefined && work.error !== null && (
            <ProblemAlert error={work.error}>{props.blockers}</ProblemAlert>
          )}
        </Stack>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={cancel} data-autofocus>
            {cancelLabel}
          </Button>
          <BusyButton
            {...(danger ? { color: 'red.8' } : {})}
            busy={work?.isPending ?? false}
            onClick={props.onConfirm}
          >
            {confirmLabel}
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  )
}
