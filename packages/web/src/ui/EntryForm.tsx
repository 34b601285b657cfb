import { Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { BusyButton } from './BusyButton.tsx'
import { ProblemAlert } from './ProblemAlert.tsx'

interface EntryFormProps {
  /** Sends the form. */
  label: string
  work: { readonly isPending: boolean; readonly error: unknown }
  /** A link that helps with the error. */
  help?: ReactNode
  /** Above the fields. */
  note?: ReactNode
  children: ReactNode
  onSubmit(event: FormEvent): void
}

/** The form of a screen before sign-in: an error, the fields, and one button. */
export function EntryForm({ label, work, help, note, children, onSubmit }: EntryFormProps) {
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        {note}
        {work.error !== null && <ProblemAlert error={work.error}>{help}</ProblemAlert>}
        {children}
        <BusyButton type="submit" busy={work.isPending} fullWidth mt="sm">
          {label}
        </BusyButton>
      </Stack>
    </form>
  )
}
