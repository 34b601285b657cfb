import { type OfferedStream, type SameRecords, sameRecordsSchema } from '@latchwork/contract'
import { NativeSelect } from '@mantine/core'
import { sameRecordsWords } from './words.ts'

interface SameRecordsSelectProps {
  offered: readonly OfferedStream[]
  value: SameRecords
  onChange(value: SameRecords): void
}

/** What is read of streams that have the same records. Not asked where there are none. */
export function SameRecordsSelect({ offered, value, onChange }: SameRecordsSelectProps) {
  const names = new Set(offered.map(({ within }) => within))
  const wholes = offered.filter(({ name }) => names.has(name))
  if (wholes.length === 0) return null
  // Flows of before read both; nobody needs to begin so.
  const choices = sameRecordsSchema.options.filter((choice) => choice !== 'both' || value === 'both')
  return (
    <NativeSelect
      label={`${wholes.map(({ label }) => label).join(', ')}`}
      description={sameRecordsWords[value].help}
      data={choices.map((choice) => ({ value: choice, label: sameRecordsWords[choice].label }))}
      value={value}
      onChange={(event) => onChange(sameRecordsSchema.parse(event.currentTarget.value))}
    />
  )
}
