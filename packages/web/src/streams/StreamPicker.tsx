import { type FlowStream, type FlowStreams, type OfferedStream, readOfAll } from '@latchwork/contract'
import { Box, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import { Pending } from '../ui/Pending.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { addedByHand, byHand, everything, gone, groupsOf, ticked, twice } from './choices.ts'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { ListsSelect, withLists } from './ListsSelect.tsx'
import { offeredQuery } from './queries.ts'
import { SameRecordsSelect } from './SameRecordsSelect.tsx'
import { type Called, StreamDetails } from './StreamDetails.tsx'
import { StreamGroups } from './StreamGroups.tsx'
import { StreamTest } from './StreamTest.tsx'

interface StreamPickerProps {
  /** The source; null while it isn't known. */
  source: SampleRequest | null
  value: FlowStreams
  /** What columns are called already; left out: the flow is new. */
  called?: Called | undefined
  /** Why the destination has no tables for lists; null where it has, or isn't known yet. */
  listsRefusal: string | null
  onChange(streams: FlowStreams): void
}

/** What a flow reads of its source: everything, or streams chosen one by one. */
export function StreamPicker({ source, value, called, listsRefusal, onChange }: StreamPickerProps) {
  const label = useId()
  const offered = useQuery(offeredQuery(source))
  /** What was ticked before "Everything" was tried. */
  const [before, setBefore] = useState<FlowStream[]>(value.everything ? [] : value.chosen)
  const choose = (chosen: FlowStream[]) => {
    setBefore(chosen)
    onChange({ everything: false, chosen })
  }
  if (offered.data === undefined) {
    return <Pending query={offered} what="the streams of the source" rows={4} rowHeight={56} />
  }
  const streams = offered.data
  return (
    <Stack gap="md">
      <Group gap="md" justify="space-between">
        <Text id={label} fw={600}>
          Streams
        </Text>
        <SegmentedControl
          aria-labelledby={label}
          data={[
            { value: 'everything', label: 'Everything' },
            { value: 'chosen', label: 'Streams that I choose' },
          ]}
          value={value.everything ? 'everything' : 'chosen'}
          onChange={(next) =>
            onChange(next === 'everything' ? everything : { everything: false, chosen: before })
          }
        />
      </Group>
      {value.everything ? (
        <>
          <Text c="dimmed">
            All that the account may read, {readOfAll(streams, value.sameRecords).length} streams at the
            moment, and what it gets later. Each is called by its own name in the destination, and reads only
            what changed where the source can tell.
          </Text>
          <Stack maw={480} gap="md">
            <SameRecordsSelect
              offered={streams}
              value={value.sameRecords}
              onChange={(sameRecords) => onChange({ ...value, sameRecords })}
            />
            <DeletionsSelect
              value={value.deletions}
              onChange={(deletions) => onChange({ ...value, deletions })}
            />
            <ListsSelect
              value={value.lists}
              refusal={listsRefusal}
              onChange={(lists) => onChange(withLists(value, lists))}
            />
          </Stack>
        </>
      ) : (
        <Choosing
          offered={streams}
          chosen={value.chosen}
          {...{ source, called, listsRefusal }}
          onChange={choose}
        />
      )}
      {source !== null && <StreamTest source={source} offered={streams} value={value} />}
    </Stack>
  )
}

interface ChoosingProps {
  offered: readonly OfferedStream[]
  chosen: readonly FlowStream[]
  source: SampleRequest | null
  called: Called | undefined
  listsRefusal: string | null
  onChange(chosen: FlowStream[]): void
}

function Choosing({ offered, chosen, source, called, listsRefusal, onChange }: ChoosingProps) {
  const words = useSearchWords()
  /** The name of the stream that is looked at. */
  const [open, setOpen] = useState<string | null>(null)
  const repeating = offered.find(({ repeats }) => repeats === true)
  const known = [...offered.filter((stream) => stream !== repeating), ...byHand(offered, chosen)]
  const all = [...known, ...gone(known, chosen)]
  const groups = groupsOf(all, words.query)
  const recommended = offered.filter((stream) => stream.recommended)
  const again = twice(offered, chosen)
  return (
    <>
      <Group gap="sm">
        <Box flex="1 1 240px">
          <SearchField words={words} what="streams" total={all.length} />
        </Box>
        <Text size="sm" c="dimmed" role="status">
          {chosen.length} of {all.length} chosen
        </Text>
        <Button
          variant="default"
          disabled={recommended.length === 0}
          onClick={() => onChange(ticked(chosen, recommended, true))}
        >
          Recommended
        </Button>
        <Button
          variant="subtle"
          color="gray"
          px="sm"
          disabled={chosen.length === 0}
          onClick={() => onChange([])}
        >
          None
        </Button>
      </Group>
      {again.length > 0 && (
        <Text size="sm" c="dimmed" role="status">
          Read twice, since another chosen stream has {again.length === 1 ? 'its' : 'their'} records too:{' '}
          <bdi>{again.map(({ label }) => label).join(', ')}</bdi>.
        </Text>
      )}
      {groups.length === 0 ? (
        <NothingFound words={words} what="stream" />
      ) : (
        <StreamGroups
          groups={groups}
          chosen={chosen}
          onTick={(streams, isOn) => onChange(ticked(chosen, streams, isOn))}
          onDetails={({ name }) => setOpen(name)}
        />
      )}
      {repeating !== undefined && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => {
              const added = addedByHand(repeating, chosen)
              onChange([...chosen, added])
              setOpen(added.stream)
            }}
          >
            Add a stream by hand
          </Button>
        </div>
      )}
      <StreamDetails
        source={source}
        stream={all.find(({ name }) => name === open) ?? null}
        chosen={chosen}
        called={called}
        listsRefusal={listsRefusal}
        onChange={(choice, before = choice.stream) => {
          setOpen(choice.stream)
          onChange(chosen.map((each) => (each.stream === before ? choice : each)))
        }}
        onClose={() => setOpen(null)}
      />
    </>
  )
}
