import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

interface ConfirmDialogProps {
  opened: boolean
  title: string
  /** What happens, to what. */
  children: ReactNode
  confirmLabel: string
  cancelLabel?: string
  /** The deed destroys something. */
  danger?: boolean
  busy?: boolean
  onConfirm(): void
  onCancel(): void
}

/** Asks once before something that can't be taken back. The harmless answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    opened,
    title,
    children,
    confirmLabel,
    cancelLabel = 'Cancel',
    danger = false,
    busy = false,
  } = props
  return (
    <Modal opened={opened} onClose={props.onCancel} title={title} centered size={440}>
      <Stack gap="lg">
        <div>{children}</div>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={props.onCancel} data-autofocus>
            {cancelLabel}
          </Button>
          <Button {...(danger ? { color: 'red.8' } : {})} loading={busy} onClick={props.onConfirm}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
