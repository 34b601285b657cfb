import type { RunWithStreams } from '@latchwork/contract'
import { NativeSelect, Skeleton, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { RecordTable } from '../ui/RecordTable.tsx'
import { isActive } from './measures.ts'
import { runRecordsQuery } from './queries.ts'

/** The records that a run wrote last of a stream, as a table. */
export function LastRecords({ run }: { run: RunWithStreams }) {
  const [stream, setStream] = useState<string | undefined>()
  const streams = run.streams.filter(({ recordsRead }) => recordsRead > 0)
  const { data, error } = useQuery({
    ...runRecordsQuery(run.id, stream ?? streams[0]?.stream, isActive(run)),
    placeholderData: keepPreviousData,
    enabled: run.status !== 'queued',
  })
  return (
    <section aria-labelledby="last-records">
      <Title id="last-records" order={2} size="h4" mb={12}>
        Last records
      </Title>
      {streams.length > 1 && (
        <NativeSelect
          label="Stream"
          maw={320}
          mb={12}
          data={streams.map(({ stream: value, label }) => ({ value, label }))}
          value={stream ?? streams[0]?.stream ?? ''}
          onChange={(event) => setStream(event.currentTarget.value)}
        />
      )}
      {error !== null && <ProblemAlert error={error} />}
      {data === undefined && error === null && run.status !== 'queued' && <Skeleton h={220} />}
      {data !== undefined && data.records.length > 0 && (
        <RecordTable label="Table of the last records" columns={data.columns} records={data.records} />
      )}
      {(run.status === 'queued' || data?.records.length === 0) && (
        <Text c="dimmed">
          {isActive(run) ? 'The first page of records is on its way.' : 'This run has written no records.'}
        </Text>
      )}
    </section>
  )
}
