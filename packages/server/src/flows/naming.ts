import { type ColumnChoice, givenNames, LatchworkError, type RememberedColumn } from '@latchwork/contract'
import type { KeptColumn } from '../database/stream-tables.ts'
import { decided, withNewNames } from './columns.ts'
import type { FlowColumnStore } from './store/flow-columns.ts'
import type { FlowStore } from './store/flows.ts'

/* What a flow's columns are called, and what people decide about them. */

export interface NamingParts {
  readonly flows: FlowColumnStore & Pick<FlowStore, 'find' | 'update'>
}

interface FlowColumns {
  items: { stream: string; columns: RememberedColumn[] }[]
}

export async function columnsOf({ flows }: NamingParts, id: string): Promise<FlowColumns> {
  const all = await flows.columnsOf(id)
  return { items: [...all].map(([stream, columns]) => ({ stream, columns: columns.map(shown) })) }
}

function shown({ was: _was, left: _left, ...column }: KeptColumn): RememberedColumn {
  return column
}

/**
 * The columns are called as people call them now, also those of a flow of before. The next run renames them.
 * @throws {LatchworkError} `flow_not_found`, `run_active`
 */
export async function takeNames(parts: NamingParts, id: string): Promise<FlowColumns> {
  const { flows } = parts
  const flow = await flows.find(id)
  if (flow === null) throw new LatchworkError('flow_not_found')
  const chosen = flow.streams === null || flow.streams.everything ? [] : flow.streams.chosen
  await flows.changeColumns(id, (all) =>
    [...all].map(([stream, columns]) => {
      const choice = chosen.find((each) => each.stream === stream)
      return [stream, withNewNames(columns, givenNames(choice?.columns ?? []))]
    }),
  )
  await flows.update(id, { columnNames: 'label' })
  return columnsOf(parts, id)
}

/**
 * Decides what becomes of a column whose type has changed. Its stream is read from the start by the next run.
 * @throws {LatchworkError} `column_unchanged`, `run_active`
 */
export async function chooseColumn(
  parts: NamingParts,
  id: string,
  choice: ColumnChoice,
): Promise<FlowColumns> {
  const { flows } = parts
  await flows.changeColumns(id, (all) => [[choice.stream, decided(all.get(choice.stream) ?? [], choice)]])
  await flows.forgetState(id, choice.stream)
  return columnsOf(parts, id)
}
