import {
  clashes,
  type FlowColumn,
  type FlowStream,
  faultSentence,
  type OfferedStream,
  ownName,
  streamTargets,
  syncModeSchema,
} from '@latchwork/contract'
import { Button, Input, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { useState } from 'react'
import { type SampleRequest, SampleSection } from '../sides/SampleSection.tsx'
import { Dialog, SidePanel } from '../ui/dialogs.tsx'
import { ColumnPicker } from './ColumnPicker.tsx'
import { renamed } from './choices.ts'
import { columnWords } from './columns.ts'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { ListsSelect, withLists } from './ListsSelect.tsx'
import { ParameterFields } from './ParameterFields.tsx'
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
  /** Why the destination has no tables for lists; null where it has, or isn't known yet. */
  listsRefusal: string | null
  /** @param before what it was called, where it has another name now */
  onChange(choice: FlowStream, before?: string): void
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

interface FieldsProps
  extends Pick<StreamDetailsProps, 'chosen' | 'source' | 'called' | 'listsRefusal' | 'onChange'> {
  stream: OfferedStream
  choice: FlowStream
}

function Fields({ stream, choice, chosen, source, called, listsRefusal, onChange }: FieldsProps) {
  const set = (change: Partial<FlowStream>) => onChange({ ...choice, ...change })
  const clash = clashes(chosen).find(({ index }) => chosen[index]?.stream === choice.stream)
  const isOnly = chosen.length === 1
  return (
    <Stack gap="lg">
      <Text c="dimmed">
        <bdi>{stream.description}</bdi>
        {stream.repeats === true && ' Fill in the path, and press Test to see its first records.'}
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
      {source !== null && <SampleSection request={{ ...source, stream: choice }} missing={null} />}
      <TextInput
        label="Name in the destination"
        description={
          isOnly
            ? 'Leave it blank for what the destination’s own form says.'
            : 'The name of the table or file. Leave it blank for the stream’s own name.'
        }
        placeholder={isOnly ? '' : (streamTargets([stream], new Map()).get(stream.name) ?? '')}
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
      <ListsSelect
        value={choice.lists}
        refusal={listsRefusal}
        onChange={(lists) => onChange(withLists(choice, lists))}
      />
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
