import type { Column } from '@latchwork/contract'
import type { Stream } from '../reading.ts'
import { activityRows } from './streams/activity-rows.ts'
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

/** What each reader can. */
const abilities: Readonly<Record<Reading['by'], Pick<Stream, 'modes' | 'deletes'>>> = {
  search: { modes: ['full'], deletes: 'none' },
  list: { modes: ['full'], deletes: 'none' },
  windows: { modes: ['full'], deletes: 'none' },
  events: { modes: ['full'], deletes: 'none' },
  single: { modes: ['full'], deletes: 'none' },
}

export function streamOf({ name, label, group, description, recommended, reading }: StreamRow): Stream {
  return { name, label, group, description, recommended, ...abilities[reading.by], parameters: [] }
}

/** What Close sends of a record beyond what it documents. */
export const otherFields: Column = { name: 'other_fields', label: 'Other fields', type: 'json' }

/** Whether records come with fields that nobody asked for. A search sends what it is asked for. */
export function hasOtherFields({ reading, documentedOnly }: StreamRow): boolean {
  return reading.by !== 'search' && documentedOnly !== true
}

/** The documented fields as columns. */
export function columnsOf(row: StreamRow): Column[] {
  const documented = Object.entries(row.fields).map(
    ([name, type]): Column => ({ name, label: labelOf(name), type }),
  )
  return hasOtherFields(row) ? [...documented, otherFields] : documented
}

function labelOf(name: string): string {
  const words = name.replace(/^_/, '').replaceAll('_', ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}
