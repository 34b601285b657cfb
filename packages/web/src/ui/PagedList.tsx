import { Group } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { BusyButton } from './BusyButton.tsx'
import { Pending } from './Pending.tsx'

type Pages<Item> = UseInfiniteQueryResult<InfiniteData<{ items: Item[] }>>

/** What was loaded so far; undefined before the first answer. */
export function itemsOf<Item>({ data }: Pick<Pages<Item>, 'data'>): Item[] | undefined {
  return data?.pages.flatMap((page) => page.items)
}

interface PagedListProps<Item> {
  list: Pages<Item>
  /** "the flows" */
  what: string
  rowHeight?: number
  /** Stands where there is nothing. */
  empty: ReactNode
  children(items: readonly Item[]): ReactNode
}

/** A list from its first loading to its last page. */
export function PagedList<Item>({ list, empty, children, ...pending }: PagedListProps<Item>) {
  const items = itemsOf(list)
  if (items === undefined) return <Pending query={list} {...pending} />
  return (
    <>
      {items.length > 0 ? children(items) : empty}
      <ShowMore list={list} />
    </>
  )
}

type ShowMoreProps = Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>

/** The way to the next page, where there is one. */
export function ShowMore({ list }: { list: ShowMoreProps }) {
  if (!list.hasNextPage) return null
  return (
    <Group justify="center" mt="md">
      <BusyButton variant="default" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </BusyButton>
    </Group>
  )
}
