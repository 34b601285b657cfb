import { type CredentialHealth, cureOf } from '@latchwork/contract'
import { Button, Title } from '@mantine/core'
import { type InfiniteData, type UseInfiniteQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import type { api } from '../app/api.ts'
import { connectorsQuery } from '../app/catalogue-queries.ts'
import { StatusBadge } from '../app/StatusBadge.tsx'
import { TimeAgo } from '../app/TimeAgo.tsx'
import { totalNumber } from '../app/total-words.ts'
import { HealthStrip } from './HealthStrip.tsx'
import classes from './health.module.css'
import { stripOf, stripWords } from './strip.ts'

type HealthPage = Awaited<ReturnType<typeof api.health.list>>

interface HealthGroupProps {
  title: string
  list: UseInfiniteQueryResult<InfiniteData<HealthPage>>
}

/** The credentials of one status, page by page; nothing when there are none. */
export function HealthGroup({ title, list }: HealthGroupProps) {
  const id = useId()
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  if (items.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h3" id={id} mb="xs">
        {title} <span className={classes['count']}>{totalNumber([list.data?.pages[0]])}</span>
      </Title>
      <ul className={classes['list']}>
        {items.map((item) => (
          <HealthRow key={item.id} item={item} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </section>
  )
}

function HealthRow({ item }: { item: CredentialHealth }) {
  const { reason } = item
  const { data: connectors } = useQuery(connectorsQuery)
  const connector = connectors?.find(({ id }) => id === item.connector)
  const cure = reason === null ? null : cureOf(reason.code, connector)
  const strip = stripOf(item.days, Date.now())
  return (
    <li className={classes['row']}>
      <div className={classes['who']}>
        <span className={classes['title']}>
          <Link to="/credentials" search={{ id: item.id }} className={classes['name']}>
            <bdi>{item.name}</bdi>
          </Link>
          {item.status !== 'verified' && <StatusBadge status={item.status} />}
        </span>
        <span className={classes['second']}>
          {stripWords(strip)}, {item.status === 'verified' ? 'checked' : 'since'}{' '}
          <TimeAgo at={item.statusAt} />
        </span>
      </div>
      <HealthStrip name={item.name} strip={strip} />
      {reason !== null && (
        <div className={classes['why']}>
          <p>
            {cure !== null && <strong>{cure.what}. </strong>}
            {reason.message} <code>{reason.code}</code>
          </p>
          {cure !== null && (
            <p>
              <strong>To do:</strong> {cure.todo}{' '}
              {!cure.passes && (
                <Link
                  to="/credentials"
                  search={{ id: item.id }}
                  aria-label={`Open the credential ${item.name}`}
                >
                  Open the credential
                </Link>
              )}
            </p>
          )}
        </div>
      )}
    </li>
  )
}
