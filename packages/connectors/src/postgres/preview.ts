import type { Preview } from '@latchwork/contract'
import type { Config, Dataset } from '../interface.ts'
import { targetTable } from './destination.ts'
import { rowsOf } from './page-rows.ts'

/**
 * What a run would make of these records before it asks the database, by the same rules: a record that can't be told apart
 * is refused. Whether each value fits the table's column is known by the database alone.
 * @throws LatchworkError `invalid_input`
 */
export function previewPostgres(config: Config, dataset: Dataset): Preview {
  const { table, numbered } = targetTable(config, dataset)
  const { refused } = rowsOf(
    numbered(dataset.records, (index) => `preview:${index}`),
    table,
    new Map(),
    new Map(),
  )
  const reasons = new Map(refused.map(({ index, message }) => [index, message]))
  return {
    sourceColumns: [...dataset.columns],
    targetColumns: [],
    rows: dataset.records.map((before, index) => {
      const message = reasons.get(index) ?? null
      return message === null
        ? { before, after: before, action: 'write', message }
        : { before, after: null, action: 'refuse', message }
    }),
  }
}
