import { type ConnectorDefinition, type FlowDraft, maxNameLength } from '@latchwork/contract'
import { Box, Stack, Text, TextInput, Title } from '@mantine/core'
import { DraftOverlaps } from '../flows/Overlaps.tsx'
import { ScheduleSelect } from '../flows/Schedule.tsx'
import { SchemaInput } from '../flows/SchemaInput.tsx'
import { DescriptionField } from '../ui/DescriptionField.tsx'
import type { Draft } from './draft.ts'

interface FlowStepProps {
  draft: Draft
  suggestedName: string
  /** What would be saved, to say what else writes there. */
  toSave: FlowDraft
  faults: Readonly<Record<string, string>>
  /** What it writes through. */
  destination: ConnectorDefinition | undefined
  onChange(change: Partial<Pick<Draft, 'name' | 'description' | 'schedule' | 'schema'>>): void
}

/** The flow itself: its name, what it is for, and when it runs. */
export function FlowStep({ draft, suggestedName, toSave, faults, destination, onChange }: FlowStepProps) {
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          Name the flow and choose when it runs
        </Title>
        <Text c="dimmed" mt={4}>
          A flow reads the source and writes to the destination, on a schedule or when you run it.
        </Text>
      </div>
      <DraftOverlaps draft={toSave} />
      <TextInput
        label="Flow name"
        required
        maxLength={maxNameLength}
        maw={480}
        value={draft.name ?? suggestedName}
        error={faults['name']}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        onBlur={() => {
          if (draft.name?.trim() === '') onChange({ name: null })
        }}
      />
      <DescriptionField
        description="Recommended: what it is for, and who to tell when it stops."
        maw={480}
        value={draft.description}
        error={faults['description']}
        onChange={(description) => onChange({ description })}
      />
      <SchemaInput
        connector={destination}
        config={draft.destination.config}
        value={draft.schema}
        error={faults['schema']}
        onChange={(schema) => onChange({ schema })}
      />
      <Box maw={480}>
        <ScheduleSelect value={draft.schedule} onChange={(schedule) => onChange({ schedule })} />
      </Box>
    </Stack>
  )
}
