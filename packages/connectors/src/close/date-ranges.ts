import {
  type CloseClient,
  closeTimestamp,
  parseCloseTimestamp,
  type SearchQuery,
  type SearchRow,
} from '@latchwork/close'

/** A range of one kind's records: created from `from` (inclusive) until `until` (exclusive). Open where left out. */
export interface DateRange {
  readonly searchType: string
  readonly from?: string
  readonly until?: string
}

/** Fewer records than this are not worth cutting. */
const smallestCut = 1000
/** No range holds more than this part of all records, if dates allow. */
const largestPart = 1 / 8
const shortestRangeMs = 1000
/** A range with too many records is cut into this many of equal length: few, so that none becomes tiny. */
const slices = 4
/** All time is cut into more at once, where many records make that worth the requests. */
const firstSlices = { most: 16, recordsEach: 1000 }
const maxDepth = 12

/**
 * Cuts one kind's records into ranges of creation dates with about as many records each, so that they can be read
 * side by side. The counts only serve the balance: the ranges cover all time, whatever the counts say.
 * @param total how many there are; null if Close does not say
 */
export async function cutDateRanges(
  client: Pick<CloseClient, 'search'>,
  searchType: string,
  total: number | null,
  signal: AbortSignal,
): Promise<DateRange[]> {
  if (total === null || total < smallestCut) return [{ searchType }]
  const [first, last] = await Promise.all([
    endDate(client, searchType, 'asc', signal),
    endDate(client, searchType, 'desc', signal),
  ])
  if (first === null || last === null) return [{ searchType }]
  const enough = Math.ceil(total * largestPart)
  const cuts: number[] = []
  const slice = async (fromMs: number, untilMs: number, count: number, depth: number): Promise<void> => {
    const parts = depth > 0 ? slices : firstParts(total)
    const lengthMs = Math.floor((untilMs - fromMs) / parts)
    if (count <= enough || lengthMs < shortestRangeMs || depth === maxDepth) return
    const starts = Array.from({ length: parts }, (_, index) => fromMs + index * lengthMs)
    await Promise.all(
      starts.map(async (startMs, index) => {
        const endMs = starts[index + 1] ?? untilMs
        const within = await countRecords(client, searchType, { fromMs: startMs, untilMs: endMs }, signal)
        // An empty range is joined to the range before it.
        if (within === null || within === 0) return
        if (startMs > fromMs) cuts.push(startMs)
        await slice(startMs, endMs, within, depth + 1)
      }),
    )
  }
  await slice(first, last + 1, total, 0)
  const bounds = cuts.sort((a, b) => a - b).map(closeTimestamp)
  return [undefined, ...bounds].map((from, index) => {
    const until = bounds[index]
    return {
      searchType,
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
    }
  })
}

function firstParts(total: number): number {
  return Math.min(firstSlices.most, Math.max(slices, Math.floor(total / firstSlices.recordsEach)))
}

/** How many records of a kind there are; null if Close does not say. */
export async function countRecords(
  client: Pick<CloseClient, 'search'>,
  searchType: string,
  range: { fromMs?: number; untilMs?: number },
  signal: AbortSignal,
): Promise<number | null> {
  const page = await client.search(
    {
      query: {
        type: 'and',
        queries: [{ type: 'object_type', object_type: searchType }, ...within(searchType, range)],
      },
      _fields: { [searchType]: ['id'] },
      _limit: 1,
      include_counts: true,
    },
    { signal, priority: 'backfill' },
  )
  return page.count?.total ?? null
}

async function endDate(
  client: Pick<CloseClient, 'search'>,
  searchType: string,
  direction: 'asc' | 'desc',
  signal: AbortSignal,
): Promise<number | null> {
  const page = await client.search(
    {
      query: { type: 'and', queries: [{ type: 'object_type', object_type: searchType }] },
      _fields: { [searchType]: ['id', 'date_created'] },
      _limit: 1,
      sort: [{ direction, field: dateCreated(searchType) }],
    },
    { signal, priority: 'backfill' },
  )
  const [row]: (SearchRow | undefined)[] = page.data
  const text = row?.['date_created']
  return typeof text === 'string' ? (parseCloseTimestamp(text) ?? null) : null
}

function within(searchType: string, range: { fromMs?: number; untilMs?: number }): SearchQuery[] {
  const { fromMs, untilMs } = range
  if (fromMs === undefined || untilMs === undefined) return []
  return [
    {
      type: 'field_condition',
      field: dateCreated(searchType),
      condition: {
        type: 'moment_range',
        on_or_after: { type: 'fixed_utc', value: closeTimestamp(fromMs) },
        before: { type: 'fixed_utc', value: closeTimestamp(untilMs) },
      },
    },
  ]
}

function dateCreated(searchType: string) {
  return { type: 'regular_field', object_type: searchType, field_name: 'date_created' } as const
}
