import { Button, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { CopyField } from './CopyButton.tsx'
import { Notice } from './ProblemAlert.tsx'

interface ShownOnceProps {
  label: string
  value: string
  /** What the person should do with it now. */
  message: string
  /** How to use it. */
  children?: ReactNode
  onClose(): void
}

/** A secret that is not stored in a form that can be read: to be copied now. */
export function ShownOnce({ label, value, message, children, onClose }: ShownOnceProps) {
  return (
    <Stack gap="md">
      <Notice tone="warning" message={message} />
      <CopyField label={label} value={value} what={`the ${label.toLowerCase()}`} data-autofocus autoFocus />
      {children}
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
