import type { Pass } from '@latchwork/contract'
import { Chip, Group, TextInput } from '@mantine/core'
import { useId } from 'react'
import type { PartProps } from './draft.ts'
import { type UntilKind, untilKinds, untilLabel, untilWords } from './until.ts'

interface UntilPartProps extends PartProps {
  pass: Pass | null
  nowMs: number
}

/** Until when it lasts. */
export function UntilPart({ draft: { until }, faults, onChange, pass, nowMs }: UntilPartProps) {
  // One stop of the Tab key, and arrow keys from one to the next.
  const group = useId()
  const kinds: readonly UntilKind[] = pass?.expiresAt == null ? untilKinds : ['unchanged', ...untilKinds]
  const change = (changes: Partial<typeof until>) => onChange({ until: { ...until, ...changes } })
  return (
    <>
      <Chip.Group
        value={until.kind}
        onChange={(value) => change({ kind: kinds.find((kind) => kind === value) ?? until.kind })}
      >
        <Group gap="sm" role="radiogroup" aria-label="Until when it lasts">
          {kinds.map((kind) => (
            <Chip key={kind} name={group} value={kind} variant="outline" radius="md">
              {kind === 'unchanged'
                ? untilWords(until, pass, nowMs).replace(/\.$/, '')
                : untilLabel(kind, nowMs)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {until.kind === 'date' && (
        <TextInput
          type="date"
          label="Last day"
          required
          maw={200}
          value={until.date}
          error={faults.until}
          onChange={({ currentTarget: { value } }) => change({ date: value })}
        />
      )}
      {until.kind === 'never' && (
        <TextInput
          label="Why it never expires"
          description="A pass that nobody needs any more stays open until somebody revokes it."
          required
          maxLength={500}
          dir="auto"
          value={until.why}
          error={faults.until}
          onChange={({ currentTarget: { value } }) => change({ why: value })}
        />
      )}
    </>
  )
}
