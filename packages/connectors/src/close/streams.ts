import type { Column } from '@latchwork/contract'
import type { Stream } from '../reading.ts'
import { activityRows } from './streams/activity-rows.ts'
import type { Fields } from './streams/fields.ts'
import { itemsOf } from './streams/list-items.ts'
import { outreachRows } from './streams/outreach-rows.ts'
import { peopleRows } from './streams/people-rows.ts'
import { recordRows } from './streams/record-rows.ts'
import type { Reading, StreamRow } from './streams/row.ts'
import { settingsRows } from './streams/settings-rows.ts'

/** Every readable collection of Close that each account has. `account-streams.ts` adds those of one account. */
export const streamRows: readonly StreamRow[] = [
  ...recordRows,
  ...activityRows,
  ...peopleRows,
  ...settingsRows,
  ...outreachRows,
]

const byName = new Map(streamRows.map((row) => [row.name, row]))

export function streamRow(name: string): StreamRow | undefined {
  return byName.get(name)
}

interface Ability extends Pick<Stream, 'modes' | 'deletes' | 'ranges'> {
  /** A sentence about how fresh the records are. */
  readonly freshness: string
}

/** What each reader can. */
const abilities: Readonly<Record<Reading['by'], Ability>> = {
  search: {
    modes: ['full', 'incremental'],
    deletes: 'events',
    ranges: true,
    freshness: 'Close shows a change within a minute.',
  },
  list: { modes: ['full'], deletes: 'none', freshness: 'As it is when it is read.' },
  windows: { modes: ['full'], deletes: 'none', freshness: 'Close shows a new one within a minute.' },
  events: { modes: ['full'], deletes: 'none', freshness: 'Close shows an event within some minutes.' },
  single: { modes: ['full'], deletes: 'none', freshness: 'As it is when it is read.' },
}

export function streamOf(row: StreamRow): Stream {
  const { name, label, group, recommended, reading, within, parameters = [] } = row
  const { freshness, ...ability } = abilities[reading.by]
  return {
    ...{ name, label, group, recommended, ...ability },
    description: `${row.description} ${freshness}`,
    parameters: parameters.map(({ field }) => field),
    ...(within === undefined ? {} : { within }),
  }
}

export function freshnessOf({ reading }: Pick<StreamRow, 'reading'>): string {
  return abilities[reading.by].freshness
}

/** What Close sends of a record beyond what it documents. */
export const otherFields: Column = { name: 'other_fields', label: 'Other fields', type: 'json' }

/** Whether records come with fields that nobody asked for. A search sends what it is asked for. */
function hasOtherFields({ reading, documentedOnly }: StreamRow): boolean {
  return reading.by !== 'search' && documentedOnly !== true
}

/** The documented fields as columns. */
export function columnsOf(row: StreamRow): Column[] {
  const documented = documentedColumns(row.fields).map((column): Column => {
    const items = column.type === 'json' ? itemsOf(row.name, column.name) : undefined
    return items === undefined ? column : { ...column, items: documentedColumns(items) }
  })
  return hasOtherFields(row) ? [...documented, otherFields] : documented
}

function documentedColumns(fields: Fields): Omit<Column, 'items'>[] {
  return Object.entries(fields).map(([name, type]) => ({ name, label: labelOf(name), type }))
}

function labelOf(name: string): string {
  const words = name.replace(/^_/, '').replaceAll('_', ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}
