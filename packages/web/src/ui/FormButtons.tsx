import { Button, Group } from '@mantine/core'
import { BusyButton } from './BusyButton.tsx'

interface FormButtonsProps {
  /** Sends the form. */
  label: string
  busy: boolean
  disabled?: boolean
  onCancel(): void
  /** Where there is no form to be sent. */
  onClick?: () => void
}

/** Under a form in a dialog: Cancel, and the button that sends it. */
export function FormButtons({ label, busy, disabled = false, onCancel, onClick }: FormButtonsProps) {
  return (
    <Group justify="flex-end" gap="sm">
      <Button variant="subtle" color="gray" onClick={onCancel}>
        Cancel
      </Button>
      <BusyButton
        busy={busy}
        disabled={disabled}
        {...(onClick === undefined ? { type: 'submit' } : { onClick })}
      >
        {label}
      </BusyButton>
    </Group>
  )
}
