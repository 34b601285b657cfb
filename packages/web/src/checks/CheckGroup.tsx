import { type CredentialChecks, cureOf } from '@latchwork/contract'
import { Title } from '@mantine/core'
import { type InfiniteData, type UseInfiniteQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import type { api } from '../api/client.ts'
import { FramedList } from '../ui/lists.tsx'
import { totalNumber } from '../ui/number-words.ts'
import { itemsOf, ShowMore } from '../ui/PagedList.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { CheckStrip } from './CheckStrip.tsx'
import classes from './checks.module.css'
import { stripOf, stripWords } from './strip.ts'

type ChecksPage = Awaited<ReturnType<typeof api.health.list>>

interface CheckGroupProps {
  title: string
  list: UseInfiniteQueryResult<InfiniteData<ChecksPage>>
}

/** The credentials of one status, page by page; nothing when there are none. */
export function CheckGroup({ title, list }: CheckGroupProps) {
  const id = useId()
  const items = itemsOf(list) ?? []
  if (items.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h3" id={id} mb="xs">
        {title} <span className={classes['count']}>{totalNumber([list.data?.pages[0]])}</span>
      </Title>
      <FramedList>
        {items.map((item) => (
          <CheckRow key={item.id} item={item} />
        ))}
      </FramedList>
      <ShowMore list={list} />
    </section>
  )
}

function CheckRow({ item }: { item: CredentialChecks }) {
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
      <CheckStrip name={item.name} strip={strip} />
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
