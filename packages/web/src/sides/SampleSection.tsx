import type { CallInput, Endpoints } from '@latchwork/contract'
import { Button, Group, List, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { formatCount } from '../ui/number-words.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { RecordTable } from '../ui/RecordTable.tsx'

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
}

/** Test: reads the first records of a source that isn't saved, and shows them. */
export function SampleSection({ request, missing }: SampleSectionProps) {
  const key = JSON.stringify(request)
  const [testedKey, setTestedKey] = useState<string | null>(null)
  const sample = useQuery({ ...sampleQuery(request), enabled: testedKey === key && missing === null })
  const test = () => {
    if (testedKey === key) void sample.refetch()
    else setTestedKey(key)
  }
  return (
    <Stack gap="sm" component="section" aria-label="Test">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={test}
          loading={sample.isFetching}
          disabled={missing !== null}
        >
          Test
        </Button>
        <Text size="sm" c="dimmed">
          {missing ?? 'Reads the first records and shows them here. Nothing is saved.'}
        </Text>
      </Group>
      <div role="status">
        {sample.isFetching && sample.data === undefined && (
          <Stack gap={8} aria-label="Reading the first records">
            <Skeleton h={36} />
            <Skeleton h={180} />
          </Stack>
        )}
        {sample.data !== undefined && (
          <Text size="sm" mb={8}>
            {sampleSentence(sample.data.records.length, sample.data.total)}
          </Text>
        )}
        {sample.data !== undefined && sample.data.notes.length > 0 && (
          <List size="sm" mb={8} aria-label="What was found in it">
            {sample.data.notes.map((note) => (
              <List.Item key={note}>
                <bdi>{note}</bdi>
              </List.Item>
            ))}
          </List>
        )}
      </div>
      {sample.isError && !sample.isFetching && <ProblemAlert error={sample.error} />}
      {sample.data !== undefined && sample.data.records.length > 0 && (
        <RecordTable label="First records" columns={sample.data.columns} records={sample.data.records} />
      )}
    </Stack>
  )
}

function sampleSentence(shown: number, total: number | null): string {
  if (shown === 0) return 'It works, and there are no records at the moment.'
  if (total === null || total <= shown) return `It works. The first ${shown} records:`
  return `It works. The first ${shown} of ${formatCount(total)} records:`
}
