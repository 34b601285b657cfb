import {
  clashes,
  type FlowColumn,
  type FlowStream,
  faultSentence,
  type OfferedStream,
  readFields,
  syncModeSchema,
  visibleFields,
} from '@latchwork/contract'
import { Button, Input, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { useState } from 'react'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { Dialog, SidePanel } from '../ui/dialogs.tsx'
import { ColumnPicker } from './ColumnPicker.tsx'
import { columnWords } from './columns.ts'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { modeWords } from './words.ts'

export type Called = ReadonlyMap<string, ReadonlyMap<string, string>>

interface StreamDetailsProps {
  /** Null while none is looked at: the panel is closed then. */
  stream: OfferedStream | null
  chosen: readonly FlowStream[]
  /** Null: it isn't known. */
  source: SampleRequest | null
  /** What columns are called already: by stream, then by the source's names. */
  called?: Called | undefined
  onChange(choice: FlowStream): void
  onClose(): void
}

/** How one stream is read, and what becomes of it. */
export function StreamDetails({ stream, chosen, onClose, ...props }: StreamDetailsProps) {
  const choice = chosen.find((each) => each.stream === stream?.name)
  return (
    <SidePanel
      opened={stream !== null && choice !== undefined}
      onClose={onClose}
      title={<bdi>{stream?.label}</bdi>}
      size={480}
    >
      {stream !== null && choice !== undefined && (
        <Fields stream={stream} choice={choice} chosen={chosen} {...props} />
      )}
    </SidePanel>
  )
}

interface FieldsProps extends Pick<StreamDetailsProps, 'chosen' | 'source' | 'called' | 'onChange'> {
  stream: OfferedStream
  choice: FlowStream
}

function Fields({ stream, choice, chosen, source, called, onChange }: FieldsProps) {
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
      {source !== null && (
        <Columns
          label={stream.label}
          choice={choice}
          source={source}
          called={called?.get(stream.name)}
          onPick={(columns) => set({ columns })}
        />
      )}
      <DeletionsSelect value={choice.deletions} onChange={(deletions) => set({ deletions })} />
    </Stack>
  )
}

interface ColumnsProps {
  label: string
  choice: FlowStream
  source: SampleRequest
  called: ReadonlyMap<string, string> | undefined
  onPick(columns: FlowColumn[]): void
}

/** Which columns are read, and the way to pick them. */
function Columns({ label, choice, source, called, onPick }: ColumnsProps) {
  const [opened, setOpened] = useState(false)
  const close = () => setOpened(false)
  return (
    <Input.Wrapper
      label="Columns"
      labelElement="div"
      description="Which of them are read, and what they are called in the destination."
    >
      <Button
        variant="default"
        mt={6}
        fullWidth
        leftSection={<IconColumns3 size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        {columnWords(choice.columns)}
      </Button>
      <Dialog opened={opened} onClose={close} title={<bdi>Columns of {label}</bdi>} size={860}>
        {opened && (
          <ColumnPicker
            request={{ ...source, stream: { ...choice, columns: [] } }}
            value={choice.columns}
            called={called}
            onPick={(columns) => {
              onPick(columns)
              close()
            }}
            onClose={close}
          />
        )}
      </Dialog>
    </Input.Wrapper>
  )
}
