import type { ErrorCode, Quarantined, Run } from '@latchwork/contract'
import { Code, Skeleton, Text, Title } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { FramedList } from '../ui/lists.tsx'
import { formatCount } from '../ui/number-words.ts'
import { itemsOf, ShowMore } from '../ui/PagedList.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { RecordTable } from '../ui/RecordTable.tsx'
import { isActive } from './measures.ts'
import { quarantineQuery, runRecordsQuery } from './queries.ts'
import classes from './RunRecords.module.css'

/** The stored part of such a record can't be shown. */
const unreadable: ErrorCode = 'record_unreadable'

/** Records that the destination refused, each with the reason in the other system's own words. */
export function Quarantine({ run }: { run: Run }) {
  const list = useInfiniteQuery(quarantineQuery(run.id, run.recordsRefused))
  if (run.recordsRefused === 0) return null
  const items = itemsOf(list)
  return (
    <section aria-labelledby="refused-records">
      <Title id="refused-records" order={2} size="h4" mb={4}>
        {run.recordsRefused === 1 ? '1 refused record' : `${formatCount(run.recordsRefused)} refused records`}
      </Title>
      <Text size="xs" c="dimmed" mb={12}>
        {run.recordsWritten === 0
          ? 'None of them was written.'
          : 'They were not written. The rest of the run went on.'}
      </Text>
      {list.error !== null && <ProblemAlert error={list.error} />}
      {items === undefined ? (
        list.error === null && <Skeleton h={160} />
      ) : (
        <FramedList>
          {items.map((item) => (
            <Refused key={item.id} item={item} />
          ))}
        </FramedList>
      )}
      <ShowMore list={list} />
    </section>
  )
}

function Refused({ item }: { item: Quarantined }) {
  return (
    <li className={classes['item']}>
      <div className={classes['reason']}>
        <Text dir="auto" className={classes['message'] ?? ''}>
          {item.message}
        </Text>
        <Text size="xs" c="dimmed">
          {item.key !== null && (
            <>
              <bdi>{item.key}</bdi> ·{' '}
            </>
          )}
          <Code>{item.code}</Code>
        </Text>
      </div>
      {item.code !== unreadable && (
        <details className={classes['details']}>
          <summary>Show the record</summary>
          <pre dir="ltr">{JSON.stringify(item.record, null, 2)}</pre>
        </details>
      )}
    </li>
  )
}

/** The records that a run wrote last, as a table. */
export function LastRecords({ run }: { run: Run }) {
  const { data, error } = useQuery({
    ...runRecordsQuery(run.id, isActive(run)),
    placeholderData: keepPreviousData,
    enabled: run.status !== 'queued',
  })
  return (
    <section aria-labelledby="last-records">
      <Title id="last-records" order={2} size="h4" mb={12}>
        Last records
      </Title>
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
