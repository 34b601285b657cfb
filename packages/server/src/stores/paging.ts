import { invalidField } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'

export interface PageQuery {
  readonly query: string
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface PageOf<T> {
  readonly items: T[]
  readonly nextCursor: string | null
  readonly total: number
  /** There are more than `total`, at which counting stopped. */
  readonly totalCapped?: boolean
}

/** How a list is sorted: by a column, then by id. */
export interface Order {
  /** Names the order in cursors: the cursor of one order is refused by another. */
  readonly name: string
  readonly column: string
  readonly id: string
  readonly holds: 'text' | 'number'
  readonly direction: 'asc' | 'desc'
}

/** The condition "behind this cursor". @throws LatchworkError `invalid_input` */
export function after(order: Order, cursor: string): RawBuilder<boolean> {
  const parts = /^([^:]*):([^:]*):(.*)$/s.exec(Buffer.from(cursor, 'base64url').toString())
  const [, name, id, text] = parts ?? []
  const value = order.holds === 'number' ? toInteger(text) : text
  if (name !== order.name || id === undefined || value === undefined || `${id}${text}`.includes('\0'))
    throw invalidField('cursor', 'format', 'This page does not exist. Start with the first page.')
  const behind = order.direction === 'asc' ? sql`>` : sql`<`
  return sql<boolean>`(${sql.ref(order.column)}, ${sql.ref(order.id)}) ${behind} (${value}, ${id})`
}

function toInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Cuts one row too many off, and makes the cursor of the next page from the last that stays. */
export function cut<T>(
  order: Order,
  rows: readonly T[],
  limit: number,
  place: (row: T) => { value: string | number; id: string },
): { rows: readonly T[]; nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  if (rows.length <= limit || last === undefined) return { rows: page, nextCursor: null }
  const { value, id } = place(last)
  return { rows: page, nextCursor: Buffer.from(`${order.name}:${id}:${value}`).toString('base64url') }
}
