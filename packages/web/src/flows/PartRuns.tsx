import { backfillSentence, type Flow, resetSentence, type StreamStand } from '@latchwork/contract'
import { ActionIcon, Menu, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconCalendarDown, IconChevronDown, IconListCheck, IconRestore } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { standsQuery, useBackfill, useReset, useRunFlow } from './queries.ts'

type Part = 'streams' | 'backfill' | 'reset'

const titles: Readonly<Record<Part, string>> = {
  streams: 'Run some streams',
  backfill: 'Backfill some days',
  reset: 'Read streams whole again',
}

/** What a flow can be asked for besides a run of all that it reads. */
export function PartRuns({ flow, running }: { flow: Flow; running: boolean }) {
  const [part, setPart] = useState<Part | null>(null)
  const close = () => setPart(null)
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon size={36} variant="default" disabled={running} aria-label="Run a part of this flow">
            <IconChevronDown size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconListCheck size={16} aria-hidden />} onClick={() => setPart('streams')}>
            Run some streams
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCalendarDown size={16} aria-hidden />}
            onClick={() => setPart('backfill')}
          >
            Backfill some days
          </Menu.Item>
          <Menu.Item leftSection={<IconRestore size={16} aria-hidden />} onClick={() => setPart('reset')}>
            Read streams whole again
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={part !== null} onClose={close} title={part === null ? '' : titles[part]} size={520}>
        {part !== null && <PartForm key={part} flow={flow} part={part} onClose={close} />}
      </Dialog>
    </>
  )
}

function PartForm({ flow, part, onClose }: { flow: Flow; part: Part; onClose(): void }) {
  const query = useQuery(standsQuery(flow.id))
  if (query.data === undefined) {
    return <Pending query={query} what="the streams of the flow" rows={2} rowHeight={56} />
  }
  if (query.data.length === 0) {
    return <Text>It hasn’t run yet: run it once, and its streams are known.</Text>
  }
  const props = { flow, stands: query.data, onClose }
  if (part === 'backfill') return <Backfill {...props} />
  return part === 'reset' ? <Reset {...props} /> : <SomeStreams {...props} />
}

interface FormProps {
  flow: Flow
  stands: readonly StreamStand[]
  onClose(): void
}

const optionsOf = (stands: readonly StreamStand[]) =>
  stands.map(({ stream, label }) => ({ value: stream, label }))

interface StreamsFieldProps {
  stands: readonly StreamStand[]
  description: string
  value: string[]
  onChange(streams: string[]): void
}

function StreamsField({ stands, description, value, onChange }: StreamsFieldProps) {
  return (
    <MultiSelect
      label="Streams"
      description={description}
      data={optionsOf(stands)}
      value={value}
      onChange={onChange}
      searchable
      hidePickedOptions
      {...(value.length === 0 && { placeholder: 'Choose streams' })}
      nothingFoundMessage="No other stream of that name"
    />
  )
}

function SomeStreams({ flow, stands, onClose }: FormProps) {
  const [streams, setStreams] = useState<string[]>([])
  const run = useRunFlow()
  const whole = stands.filter(({ stream, next }) => streams.includes(stream) && next === 'everything')
  return (
    <Stack gap="md">
      <StreamsField
        stands={stands}
        description="Only these are read now. The others stay as they are until the next run."
        value={streams}
        onChange={setStreams}
      />
      {whole.length > 0 && (
        <Text c="dimmed" role="status">
          Read whole: {whole.map(({ label }) => label).join(', ')}.
        </Text>
      )}
      {run.error !== null && <ProblemAlert error={run.error} />}
      <FormButtons
        label="Run"
        busy={run.isPending}
        disabled={streams.length === 0}
        onCancel={onClose}
        onClick={() => run.mutate({ id: flow.id, streams }, { onSuccess: onClose })}
      />
    </Stack>
  )
}

function Reset({ flow, stands, onClose }: FormProps) {
  const [streams, setStreams] = useState<string[]>([])
  const reset = useReset(flow.id)
  const followed = stands.filter(({ mode }) => mode === 'incremental')
  const chosen = followed.filter(({ stream }) => streams.includes(stream))
  if (followed.length === 0) {
    return <Text>Every run reads the streams of this flow whole, so there is nothing to forget.</Text>
  }
  return (
    <Stack gap="md">
      <StreamsField
        stands={followed}
        description="These streams are read by their changes. The next run reads the chosen ones from the start."
        value={streams}
        onChange={setStreams}
      />
      {chosen.map(({ stream, label, mode }) => (
        <Text key={stream} c="dimmed" role="status">
          {resetSentence(label, mode)}
        </Text>
      ))}
      {reset.error !== null && <ProblemAlert error={reset.error} />}
      <FormButtons
        label="Forget how far they were read"
        busy={reset.isPending}
        disabled={streams.length === 0}
        onCancel={onClose}
        onClick={() => reset.mutate(streams, { onSuccess: onClose })}
      />
    </Stack>
  )
}

function Backfill({ flow, stands, onClose }: FormProps) {
  const [stream, setStream] = useState<string | null>(null)
  const [range, setRange] = useState({ from: '', to: '' })
  const backfill = useBackfill(flow.id)
  const label = stands.find((each) => each.stream === stream)?.label ?? ''
  const isWhole = range.from !== '' && range.to !== ''
  const isTurned = isWhole && range.to < range.from
  const set = (name: 'from' | 'to') => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setRange((before) => ({ ...before, [name]: value }))
  }
  return (
    <Stack gap="md">
      <Select
        label="Stream"
        description="What was created or changed in it on some days is read again."
        placeholder="Choose a stream"
        data={optionsOf(stands)}
        value={stream}
        onChange={setStream}
        searchable
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <TextInput type="date" label="First day (UTC)" value={range.from} onChange={set('from')} />
        <TextInput
          type="date"
          label="Last day (UTC)"
          value={range.to}
          onChange={set('to')}
          {...(isTurned && { error: 'The last day must not be before the first.' })}
        />
      </SimpleGrid>
      {stream !== null && isWhole && !isTurned && (
        <Text c="dimmed" role="status">
          {backfillSentence(label, range)}
        </Text>
      )}
      {backfill.error !== null && <ProblemAlert error={backfill.error} />}
      <FormButtons
        label="Backfill"
        busy={backfill.isPending}
        disabled={stream === null || !isWhole || isTurned}
        onCancel={onClose}
        onClick={() => stream !== null && backfill.mutate({ stream, ...range }, { onSuccess: onClose })}
      />
    </Stack>
  )
}
