import type { ErrorCode, Quarantined, Run } from '@latchwork/contract'
import { Button, Code, Skeleton, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { formatCount } from './measures.ts'
import classes from './Quarantine.module.css'
import { quarantineQuery } from './queries.ts'

/** What is kept of such a record can't be shown. */
const unreadable: ErrorCode = 'record_unreadable'

/** Records that the destination refused, each with the reason in the other system's own words. */
export function Quarantine({ run }: { run: Run }) {
  const list = useInfiniteQuery(quarantineQuery(run.id, run.recordsRefused))
  if (run.recordsRefused === 0) return null
  const items = list.data?.pages.flatMap((page) => page.items)
  return (
    <section aria-labelledby="refused-records">
      <Title id="refused-records" order={2} size="h4" mb={4}>
        {run.recordsRefused === 1 ? '1 refused record' : `${formatCount(run.recordsRefused)} refused records`}
      </Title>
      <Text size="xs" c="dimmed" mb={12}>
        They were not written. The rest of the run went on.
      </Text>
      {list.error !== null && <ProblemAlert error={list.error} />}
      {items === undefined ? (
        list.error === null && <Skeleton h={160} />
      ) : (
        <ul className={classes['list']}>
          {items.map((item) => (
            <Refused key={item.id} item={item} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          mt={12}
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
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
