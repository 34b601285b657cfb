import { type Deletions, deletionsSchema } from '@latchwork/contract'
import { NativeSelect } from '@mantine/core'
import { deletionWords } from './words.ts'

interface DeletionsSelectProps {
  value: Deletions
  onChange(value: Deletions): void
}

/** What becomes of a record that the source has no more. */
export function DeletionsSelect({ value, onChange }: DeletionsSelectProps) {
  return (
    <NativeSelect
      label="When a record is deleted in the source"
      description={deletionWords[value].help}
      data={deletionsSchema.options.map((choice) => ({ value: choice, label: deletionWords[choice].label }))}
      value={value}
      onChange={(event) => onChange(deletionsSchema.parse(event.currentTarget.value))}
    />
  )
}
