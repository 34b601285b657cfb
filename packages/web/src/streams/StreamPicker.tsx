import type { FlowStream, FlowStreams, OfferedStream } from '@latchwork/contract'
import { Box, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import { Pending } from '../ui/Pending.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { everything, gone, groupsOf, ticked } from './choices.ts'
import { DeletionsSelect } from './DeletionsSelect.tsx'
import { offeredQuery } from './queries.ts'
import { type Called, StreamDetails } from './StreamDetails.tsx'
import { StreamGroups } from './StreamGroups.tsx'
import { StreamTest } from './StreamTest.tsx'

interface StreamPickerProps {
  /** The source; null while it isn't known. */
  source: SampleRequest | null
  value: FlowStreams
  /** What columns are called already; left out: the flow is new. */
  called?: Called | undefined
  onChange(streams: FlowStreams): void
}

/** What a flow reads of its source: everything, or streams chosen one by one. */
export function StreamPicker({ source, value, called, onChange }: StreamPickerProps) {
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
            All that the account may read, {streams.length} streams at the moment, and what it gets later.
            Each is called by its own name in the destination, and reads only what changed where the source
            can tell.
          </Text>
          <Box maw={480}>
            <DeletionsSelect
              value={value.deletions}
              onChange={(deletions) => onChange({ ...value, deletions })}
            />
          </Box>
        </>
      ) : (
        <Choosing offered={streams} chosen={value.chosen} source={source} called={called} onChange={choose} />
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
  onChange(chosen: FlowStream[]): void
}

function Choosing({ offered, chosen, source, called, onChange }: ChoosingProps) {
  const words = useSearchWords()
  const [open, setOpen] = useState<OfferedStream | null>(null)
  const all = [...offered, ...gone(offered, chosen)]
  const groups = groupsOf(all, words.query)
  const recommended = offered.filter((stream) => stream.recommended)
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
      {groups.length === 0 ? (
        <NothingFound words={words} what="stream" />
      ) : (
        <StreamGroups
          groups={groups}
          chosen={chosen}
          onTick={(streams, isOn) => onChange(ticked(chosen, streams, isOn))}
          onDetails={setOpen}
        />
      )}
      <StreamDetails
        stream={open}
        chosen={chosen}
        source={source}
        called={called}
        onChange={(choice) => onChange(chosen.map((each) => (each.stream === choice.stream ? choice : each)))}
        onClose={() => setOpen(null)}
      />
    </>
  )
}
