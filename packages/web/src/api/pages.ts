import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'

const listPollMs = 2_000

interface PageAsked {
  limit: number
  cursor?: string
}

interface PagesOptions<Page> {
  key: readonly unknown[]
  ask(page: PageAsked): Promise<Page>
  /** Entries of a page. */
  size?: number
  /** Keeps the previous entries visible until the next answer, for a list that is searched or filtered. */
  keepPrevious?: boolean
  /** The page shows something that still changes: it polls every two seconds. */
  isLive?(page: Page): boolean
}

/** A list that is loaded page by page. */
export function pagesQuery<Page extends { nextCursor: string | null }>(options: PagesOptions<Page>) {
  const { key, ask, size = 50, keepPrevious = false, isLive } = options
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => ask({ limit: size, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) =>
      isLive !== undefined && state.data?.pages.some(isLive) === true ? listPollMs : false,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  })
}
