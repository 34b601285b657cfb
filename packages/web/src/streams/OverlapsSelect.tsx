import { type OfferedStream, type Overlaps, overlapsSchema } from '@latchwork/contract'
import { NativeSelect } from '@mantine/core'
import { overlapWords } from './words.ts'

interface OverlapsSelectProps {
  offered: readonly OfferedStream[]
  value: Overlaps
  onChange(value: Overlaps): void
}

/** What is read of streams that have the same records. Not asked where there are none. */
export function OverlapsSelect({ offered, value, onChange }: OverlapsSelectProps) {
  const names = new Set(offered.map(({ within }) => within))
  const wholes = offered.filter(({ name }) => names.has(name))
  if (wholes.length === 0) return null
  // Flows of before read both; nobody needs to begin so.
  const choices = overlapsSchema.options.filter((choice) => choice !== 'both' || value === 'both')
  return (
    <NativeSelect
      label={`${wholes.map(({ label }) => label).join(', ')}`}
      description={overlapWords[value].help}
      data={choices.map((choice) => ({ value: choice, label: overlapWords[choice].label }))}
      value={value}
      onChange={(event) => onChange(overlapsSchema.parse(event.currentTarget.value))}
    />
  )
}
