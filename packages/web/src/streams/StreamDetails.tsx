import {
  clashes,
  type FlowStream,
  faultSentence,
  type OfferedStream,
  readFields,
  syncModeSchema,
  visibleFields,
} from '@latchwork/contract'
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { modeWords } from './words.ts'

interface StreamDetailsProps {
  /** Null while none is looked at: the panel is closed then. */
  stream: OfferedStream | null
  chosen: readonly FlowStream[]
  onChange(choice: FlowStream): void
  onClose(): void
}

/** How one stream is read, and what becomes of it. */
export function StreamDetails({ stream, chosen, onChange, onClose }: StreamDetailsProps) {
  const choice = chosen.find((each) => each.stream === stream?.name)
  return (
    <SidePanel
      opened={stream !== null && choice !== undefined}
      onClose={onClose}
      title={<bdi>{stream?.label}</bdi>}
      size={480}
    >
      {stream !== null && choice !== undefined && (
        <Fields stream={stream} choice={choice} chosen={chosen} onChange={onChange} />
      )}
    </SidePanel>
  )
}

interface FieldsProps extends Pick<StreamDetailsProps, 'chosen' | 'onChange'> {
  stream: OfferedStream
  choice: FlowStream
}

function Fields({ stream, choice, chosen, onChange }: FieldsProps) {
  const set = (change: Partial<FlowStream>) => onChange({ ...choice, ...change })
  const clash = clashes(chosen).find(({ index }) => chosen[index]?.stream === choice.stream)
  const { parameters } = choice
  const { faults } = readFields(stream.parameters, parameters)
  const isOnly = chosen.length === 1
  return (
    <Stack gap="lg">
      <Text c="dimmed">
        <bdi>{stream.description}</bdi>
      </Text>
      <NativeSelect
        label="What each run reads"
        description={modeWords[choice.mode].help}
        data={stream.modes.map((mode) => ({ value: mode, label: modeWords[mode].label }))}
        value={choice.mode}
        onChange={(event) => set({ mode: syncModeSchema.parse(event.currentTarget.value) })}
      />
      <DynamicFields
        fields={visibleFields(stream.parameters, parameters)}
        values={parameters}
        errors={Object.fromEntries(faults.map(({ field, message }) => [field, message]))}
        onChange={(name, value) => {
          const { [name]: _before, ...others } = parameters
          set({ parameters: value === '' ? others : { ...others, [name]: value } })
        }}
      />
      <TextInput
        label="Name in the destination"
        description={
          isOnly
            ? 'Leave it blank for what the destination’s own form says.'
            : 'Leave it blank for the stream’s own name. The table or file is called so.'
        }
        placeholder={isOnly ? '' : stream.name}
        maxLength={200}
        error={clash === undefined ? undefined : faultSentence('This name', clash.message)}
        value={choice.target ?? ''}
        onChange={(event) => {
          const target = event.currentTarget.value
          set({ target: target.trim() === '' ? null : target })
        }}
      />
      <DeletionsSelect value={choice.deletions} onChange={(deletions) => set({ deletions })} />
    </Stack>
  )
}
