import type { Column } from '@latchwork/contract'

/** Documented fields with their types, in the order of the columns. */
export type Fields = Readonly<Record<string, Column['type']>>

const typed =
  (type: Column['type']) =>
  (...names: readonly string[]): Fields =>
    Object.fromEntries(names.map((name) => [name, type]))

export const text: (...names: readonly string[]) => Fields = typed('text')
export const number: (...names: readonly string[]) => Fields = typed('number')
export const boolean: (...names: readonly string[]) => Fields = typed('boolean')
export const time: (...names: readonly string[]) => Fields = typed('time')
export const date: (...names: readonly string[]) => Fields = typed('date')
export const json: (...names: readonly string[]) => Fields = typed('json')

/** What most records have of who made and changed them, and when. */
export const audit: Fields = {
  ...text('organization_id', 'created_by', 'updated_by'),
  ...time('date_created', 'date_updated'),
}

/** As `audit`, where Close names the people by the ending `_id`. */
export const auditById: Fields = {
  ...text('organization_id', 'created_by_id', 'updated_by_id'),
  ...time('date_created', 'date_updated'),
}

/** Of records that do not say who made them. */
export const dates: Fields = { ...text('organization_id'), ...time('date_created', 'date_updated') }
