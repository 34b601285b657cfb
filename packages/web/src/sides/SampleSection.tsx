import type { CallInput, Endpoints } from '@latchwork/contract'
import { counted } from '@latchwork/contract'
import { List } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { RecordTable } from '../ui/RecordTable.tsx'
import { AskedSection, useAsked } from './AskedSection.tsx'

export type SampleRequest = CallInput<Endpoints['sources']['sample']>['body']

export const sampleQuery = (request: SampleRequest) =>
  queryOptions({
    queryKey: ['sample', request],
    queryFn: () => api.sources.sample({ body: request }),
    staleTime: 60_000,
    retry: false,
  })

interface SampleSectionProps {
  request: SampleRequest
  /** Why the source can't be tested yet; null if it can. */
  missing: string | null
  /** Which of its streams is tested, to be chosen beside the button. */
  beside?: ReactNode
}

/** Test: reads the first records of a source that isn't saved, and shows them. */
export function SampleSection({ request, missing, beside }: SampleSectionProps) {
  const asked = useAsked(request)
  const sample = useQuery({ ...sampleQuery(request), enabled: asked.isAsked && missing === null })
  const { data } = sample
  return (
    <AskedSection
      label="Test"
      Icon={IconPlayerPlay}
      asked={asked}
      query={sample}
      missing={missing}
      beside={beside}
      hint="Reads the first records and shows them here. Nothing is saved."
      found={data === undefined ? null : sampleSentence(data.records.length, data.total)}
    >
      {data !== undefined && data.notes.length > 0 && (
        <List size="sm" mb={8} aria-label="What was found in it">
          {data.notes.map((note) => (
            <List.Item key={note}>
              <bdi>{note}</bdi>
            </List.Item>
          ))}
        </List>
      )}
      {data !== undefined && data.records.length > 0 && (
        <RecordTable label="First records" columns={data.columns} records={data.records} />
      )}
    </AskedSection>
  )
}

function sampleSentence(shown: number, total: number | null): string {
  if (shown === 0) return 'It works, and there are no records at the moment.'
  if (total === null || total <= shown)
    return `It works. ${shown === 1 ? 'The first record' : `The first ${shown} records`}:`
  return `It works. The first ${shown} of ${counted(total, 'record')}:`
}
