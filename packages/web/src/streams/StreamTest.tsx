import {
  type FlowStreams,
  type OfferedStream,
  readOfAll,
  streamLabel,
  usualChoice,
} from '@latchwork/contract'
import { Select } from '@mantine/core'
import { useState } from 'react'
import { type SampleRequest, SampleSection } from '../sides/SampleSection.tsx'

interface StreamTestProps {
  source: SampleRequest
  offered: readonly OfferedStream[]
  value: FlowStreams
}

/** Test: the first records of any stream that is read. */
export function StreamTest({ source, offered, value }: StreamTestProps) {
  const [asked, setAsked] = useState<string | null>(null)
  const choices = value.everything
    ? readOfAll(offered, value.sameRecords).map((stream) => usualChoice(stream))
    : value.chosen
  const choice = choices.find(({ stream }) => stream === asked) ?? choices[0] ?? null
  return (
    <SampleSection
      request={{ ...source, stream: choice }}
      missing={choice === null ? 'Choose a stream to see its first records.' : null}
      beside={
        choice !== null && (
          <Select
            aria-label="Stream to test"
            searchable
            w={220}
            nothingFoundMessage="No stream of this name"
            data={choices.map((each) => ({ value: each.stream, label: streamLabel(each) }))}
            value={choice.stream}
            onChange={setAsked}
          />
        )
      }
    />
  )
}
