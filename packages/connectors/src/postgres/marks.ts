import { escapeIdentifier, escapeLiteral } from 'pg'
import type { Deletions } from '../interface.ts'
import type { Existing } from './existing-table.ts'
import { unfitTable } from './failures.ts'
import type { Table } from './table-names.ts'

/*
 * Two columns that no record has: when a row was last written, and since when its record is deleted. Their comments tell
 * them from columns that somebody else has made, which are used only where the flow needs them.
 */

export type Mark = 'synced' | 'deleted'

const names: Readonly<Record<Mark, string>> = { synced: '_synced_at', deleted: '_deleted_at' }
const comments: Readonly<Record<Mark, string>> = {
  synced: 'Latchwork: when this row was last written.',
  deleted: 'Latchwork: since when the source does not have this record any more.',
}

export const markNames: readonly string[] = Object.values(names)

/** Which of the columns the table has, and which it lacks. */
export interface Marks {
  readonly there: ReadonlySet<Mark>
  readonly missing: ReadonlySet<Mark>
}

/** A mark's column, quoted. */
export const quotedMark: Readonly<Record<Mark, string>> = {
  synced: escapeIdentifier(names.synced),
  deleted: escapeIdentifier(names.deleted),
}

/**
 * @param own whether a column may be added
 * @throws LatchworkError `invalid_input` where the flow needs a column and it can't be had
 */
export function marksOf(table: Table, existing: Existing, deletions: Deletions, own: boolean): Marks {
  const there = new Set<Mark>()
  const missing = new Set<Mark>()
  const needs: Readonly<Record<Mark, boolean>> = {
    synced: deletions !== 'leave',
    deleted: deletions === 'mark',
  }
  for (const mark of ['synced', 'deleted'] as const) {
    const name = names[mark]
    const found = existing?.get(name)
    if (table.columns.some(({ inTable }) => inTable === name)) {
      if (needs[mark]) throw taken(table, name, 'the records have a column of that name')
    } else if (found === undefined) {
      // Who may not add columns has a table without them, unless the flow needs them.
      if (needs[mark] || (mark === 'synced' && (existing === null || own))) missing.add(mark)
    } else {
      const isFree = !found.generated && !(mark === 'deleted' && found.notNull)
      const fits = found.type === 'timestamp with time zone' && isFree
      if (fits && (needs[mark] || found.comment === comments[mark])) there.add(mark)
      else if (needs[mark])
        throw taken(table, name, `the table has a column of that name, which is ${found.type}`)
    }
  }
  return { there, missing }
}

function taken(table: Table, name: string, why: string): Error {
  return unfitTable(
    `A flow that follows deletions writes times into the column ${name} of ${table.schema}.${table.name}, but ${why}. Rename that one, leave deleted records as they are, or choose another table.`,
  )
}

/** How the missing ones are added. */
export function additionsOf({ missing }: Marks): string[] {
  return [...missing].map((mark) => `${quotedMark[mark]} timestamptz`)
}

/** Comments of those that were added, as statements. */
export function markComments(table: Table, { missing }: Marks): string[] {
  return [...missing].map(
    (mark) => `COMMENT ON COLUMN ${table.quoted}.${quotedMark[mark]} IS ${escapeLiteral(comments[mark])}`,
  )
}
