import { invalidField } from '@latchwork/contract'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'

export interface PageQuery {
  readonly query: string
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface PageOf<T> {
  readonly items: T[]
  readonly nextCursor: string | null
  readonly total: number
  /** There are more than `total`: counting stopped there. */
  readonly totalCapped?: boolean
}

/** The order of a list: by a column, then by id. The rows of a page hold both. */
export interface Order<Column extends string = string, Id extends string = string> {
  /** Names the order in cursors. Another order refuses the cursor. */
  readonly name: string
  /** The table of the columns, where a query has several. */
  readonly table?: string
  readonly column: Column
  readonly id: Id
  readonly holds: 'text' | 'number'
  readonly direction: 'asc' | 'desc'
}

/** Which page of a list, and how its rows become items. */
interface Page<Row, Item, Column extends string, Id extends string> {
  readonly query: Pick<PageQuery, 'limit' | 'cursor'>
  readonly order: Order<Column, Id>
  readonly toItems: (rows: readonly Row[]) => Item[] | Promise<Item[]>
}

/** Each row of a page holds its place in the order. */
type Placed<Column extends string, Id extends string> = Readonly<Record<Column | Id, string | number>>

/** The part of a query that paging needs. */
interface Sortable<Query> {
  where(condition: RawBuilder<boolean>): Query
  orderBy(column: RawBuilder<unknown>, direction: Order['direction']): Query
  limit(count: number): Query
}

interface Rows<Row> extends Sortable<Rows<Row>> {
  execute(): Promise<Row[]>
}

/** Reads a page of a list, and counts the list unless the page is all of it. */
export async function listPage<
  DB,
  TB extends keyof DB,
  O,
  Row extends Placed<Column, Id>,
  Item,
  Column extends string,
  Id extends string,
>(
  from: SelectQueryBuilder<DB, TB, O>,
  {
    where,
    view,
    countedTo,
    ...page
  }: Page<Row, Item, Column, Id> & {
    /** Null is no condition. */
    readonly where: readonly (RawBuilder<boolean> | null)[]
    /** Adds the columns that the items need, and the tables that are joined only for them. */
    readonly view: (listed: SelectQueryBuilder<DB, TB, O>) => Rows<Row>
    /** A longer list is not counted to its end. Left out: it is. */
    readonly countedTo?: number
  },
): Promise<PageOf<Item>> {
  const listed = where.reduce((rows, condition) => (condition === null ? rows : rows.where(condition)), from)
  const { items, nextCursor } = await readPage(view(listed), page)
  if (page.query.cursor === undefined && nextCursor === null)
    return { items, nextCursor, total: items.length }
  const most = countedTo === undefined ? undefined : Math.max(countedTo, page.query.limit)
  const total = await countOf(listed, most)
  return most !== undefined && total > most
    ? { items, nextCursor, total: most, totalCapped: true }
    : { items, nextCursor, total }
}

/** @param upTo one more than this is counted at most */
async function countOf<DB, TB extends keyof DB, O>(
  listed: SelectQueryBuilder<DB, TB, O>,
  upTo: number | undefined,
): Promise<number> {
  const bare = listed.clearSelect()
  if (upTo === undefined) {
    const { total } = await bare
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .$castTo<{ total: number }>()
      .executeTakeFirstOrThrow()
    return total
  }
  const first = await bare
    .select(sql<number>`1`.as('one'))
    .limit(upTo + 1)
    .execute()
  return first.length
}

/** Reads a page of a list without counting it. @throws LatchworkError `invalid_input` for a cursor of another list */
export async function readPage<
  Row extends Placed<Column, Id>,
  Item,
  Column extends string,
  Id extends string,
>(
  rows: Rows<Row>,
  { query, order, toItems }: Page<Row, Item, Column, Id>,
): Promise<Omit<PageOf<Item>, 'total'>> {
  const found = await sortedRows<Rows<Row>>(rows, query, order).execute()
  const page = found.slice(0, query.limit)
  const last = page.at(-1)
  const items = await toItems(page)
  if (found.length <= query.limit || last === undefined) return { items, nextCursor: null }
  const place = `${order.name}:${last[order.id]}:${last[order.column]}`
  return { items, nextCursor: Buffer.from(place).toString('base64url') }
}

/** The rows of a page in their order, and one more, by which it is seen whether there is another page. */
export function sortedRows<Query extends Sortable<Query>>(
  rows: Query,
  { limit, cursor }: Pick<PageQuery, 'limit' | 'cursor'>,
  order: Order,
): Query {
  const sorted = rows
    .orderBy(refOf(order, order.column), order.direction)
    .orderBy(refOf(order, order.id), order.direction)
    .limit(limit + 1)
  return cursor === undefined ? sorted : sorted.where(after(order, cursor))
}

/** The condition that a column has this value; no condition for undefined. */
export function equals(column: string, value: string | undefined): RawBuilder<boolean> | null {
  return value === undefined ? null : sql<boolean>`${sql.ref(column)} = ${value}`
}

/** The condition "after this cursor". @throws LatchworkError `invalid_input` */
function after(order: Order, cursor: string): RawBuilder<boolean> {
  const parts = /^([^:]*):([^:]*):(.*)$/s.exec(Buffer.from(cursor, 'base64url').toString())
  const [, name, id, text] = parts ?? []
  const value = order.holds === 'number' ? toInteger(text) : text
  if (name !== order.name || id === undefined || value === undefined || `${id}${text}`.includes('\0'))
    throw invalidField('cursor', 'format', 'This page does not exist. Start with the first page.')
  const beyond = order.direction === 'asc' ? sql`>` : sql`<`
  // PostgreSQL compares no number with a text.
  if (order.id === order.column) return sql<boolean>`${refOf(order, order.column)} ${beyond} ${value}`
  return sql<boolean>`(${refOf(order, order.column)}, ${refOf(order, order.id)}) ${beyond} (${value}, ${id})`
}

function refOf({ table }: Order, column: string): RawBuilder<unknown> {
  return sql.ref(table === undefined ? column : `${table}.${column}`)
}

function toInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
