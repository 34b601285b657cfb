import { TextInput } from '@mantine/core'

interface KeyNoteProps {
  value: string
  onChange(note: string): void
}

/** What tells a key apart in the other system once it is to be deleted there. */
export function KeyNote({ value, onChange }: KeyNoteProps) {
  return (
    <TextInput
      label="Note about this key"
      description="Its name in Close, or who made it and when: to find it there when it is replaced in its turn."
      dir="auto"
      maxLength={200}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
