import { Group, Text, TextInput } from '@mantine/core'
import type { PartProps } from './draft.ts'

/** How much of the organization's budget it may take. */
export function SharePart({ draft, faults, onChange }: PartProps) {
  return (
    <>
      <Group gap="md" align="flex-start">
        <TextInput
          label="Requests a second"
          inputMode="decimal"
          autoComplete="off"
          flex="1 1 140px"
          maw={200}
          placeholder="No limit"
          value={draft.perSecond}
          error={faults.perSecond}
          onChange={({ currentTarget: { value } }) => onChange({ perSecond: value })}
        />
        <TextInput
          label="Requests a day"
          inputMode="numeric"
          autoComplete="off"
          flex="1 1 140px"
          maw={200}
          placeholder="No limit"
          value={draft.perDay}
          error={faults.perDay}
          onChange={({ currentTarget: { value } }) => onChange({ perDay: value })}
        />
      </Group>
      <Text size="xs" c="dimmed">
        Close counts all requests of an organization together: what a pass takes, flows don’t have.
      </Text>
    </>
  )
}
