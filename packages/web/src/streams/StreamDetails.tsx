import {
  clashes,
  type FlowStream,
  faultSentence,
  type OfferedStream,
  ownName,
  syncModeSchema,
} from '@latchwork/contract'
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import { renamed } from './choices.ts'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { ParameterFields } from './ParameterFields.tsx'
import { modeWords } from './words.ts'

interface StreamDetailsProps {
  source: SampleRequest | null
  /** Null while none is looked at: the panel is closed then. */
  stream: OfferedStream | null
  chosen: readonly FlowStream[]
  /** @param before what it was called, where it has another name now */
  onChange(choice: FlowStream, before?: string): void
  onClose(): void
}

/** How one stream is read, and what becomes of it. */
export function StreamDetails({ source, stream, chosen, onChange, onClose }: StreamDetailsProps) {
  const choice = chosen.find((each) => each.stream === stream?.name)
  return (
    <SidePanel
      opened={stream !== null && choice !== undefined}
      onClose={onClose}
      title={<bdi>{stream?.label}</bdi>}
      size={480}
    >
      {stream !== null && choice !== undefined && (
        <Fields {...{ source, stream, choice, chosen, onChange }} />
      )}
    </SidePanel>
  )
}

interface FieldsProps extends Pick<StreamDetailsProps, 'source' | 'chosen' | 'onChange'> {
  stream: OfferedStream
  choice: FlowStream
}

function Fields({ source, stream, choice, chosen, onChange }: FieldsProps) {
  const set = (change: Partial<FlowStream>) => onChange({ ...choice, ...change })
  const clash = clashes(chosen).find(({ index }) => chosen[index]?.stream === choice.stream)
  const isOnly = chosen.length === 1
  return (
    <Stack gap="lg">
      <Text c="dimmed">
        <bdi>{stream.description}</bdi>
      </Text>
      {stream.repeats === true && (
        <TextInput
          label="Name of this stream"
          description="Tells it from the others of this flow. Under another name it is read from the start."
          required
          maxLength={100}
          error={ownName(choice.stream).trim() === '' ? 'It needs a name.' : undefined}
          value={ownName(choice.stream)}
          onChange={(event) => onChange(renamed(choice, event.currentTarget.value), choice.stream)}
        />
      )}
      <NativeSelect
        label="What each run reads"
        description={modeWords[choice.mode].help}
        data={stream.modes.map((mode) => ({ value: mode, label: modeWords[mode].label }))}
        value={choice.mode}
        onChange={(event) => set({ mode: syncModeSchema.parse(event.currentTarget.value) })}
      />
      {stream.parameters.length > 0 && (
        <ParameterFields {...{ source, stream, choice }} onChange={(parameters) => set({ parameters })} />
      )}
      <TextInput
        label="Name in the destination"
        description={
          isOnly
            ? 'Leave it blank for what the destination’s own form says.'
            : 'Leave it blank for the stream’s own name. The table or file is called so.'
        }
        placeholder={isOnly ? '' : ownName(stream.name)}
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
