import type { CallInput, Endpoints } from '@latchwork/contract'
import { Group, List, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { formatCount } from '../ui/number-words.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { RecordTable } from '../ui/RecordTable.tsx'
import classes from './SampleSection.module.css'

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
  const answer = useRef<HTMLElement>(null)
  /** Somebody pressed Test and has not seen the answer yet. */
  const [isAwaited, setAwaited] = useState(false)
  const test = () => {
    setAwaited(true)
    if (testedKey === key) void sample.refetch()
    else setTestedKey(key)
  }
  useEffect(() => {
    if (!isAwaited || sample.isFetching || sample.isPending) return
    setAwaited(false)
    answer.current?.focus({ preventScroll: true })
    answer.current?.scrollIntoView({ block: 'nearest' })
  }, [isAwaited, sample.isFetching, sample.isPending])
  return (
    <Stack gap="sm" component="section" aria-label="Test">
      <Group gap="sm">
        <BusyButton
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={test}
          busy={sample.isFetching}
          disabled={missing !== null}
        >
          Test
        </BusyButton>
        <Text size="sm" c={sample.data === undefined || missing !== null ? 'dimmed' : 'bright'} role="status">
          {missing ??
            (sample.data === undefined
              ? 'Reads the first records and shows them here. Nothing is saved.'
              : sampleSentence(sample.data.records.length, sample.data.total))}
        </Text>
      </Group>
      {sample.isFetching && sample.data === undefined && (
        <Stack gap={8} aria-label="Reading the first records">
          <Skeleton h={36} />
          <Skeleton h={180} />
        </Stack>
      )}
      <section ref={answer} tabIndex={-1} aria-label="Answer" className={classes['answer']}>
        {sample.isError && !sample.isFetching && <ProblemAlert error={sample.error} />}
        {sample.data !== undefined && sample.data.notes.length > 0 && (
          <List size="sm" mb={8} aria-label="What was found in it">
            {sample.data.notes.map((note) => (
              <List.Item key={note}>
                <bdi>{note}</bdi>
              </List.Item>
            ))}
          </List>
        )}
        {sample.data !== undefined && sample.data.records.length > 0 && (
          <RecordTable label="First records" columns={sample.data.columns} records={sample.data.records} />
        )}
      </section>
    </Stack>
  )
}

function sampleSentence(shown: number, total: number | null): string {
  if (shown === 0) return 'It works, and there are no records at the moment.'
  if (total === null || total <= shown) return `It works. The first ${shown} records:`
  return `It works. The first ${shown} of ${formatCount(total)} records:`
}
