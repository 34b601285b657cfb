import { type ColumnChoice, type FlowColumns, givenNames, LatchworkError } from '@latchwork/contract'
import type { StoredColumn } from '../database/stream-tables.ts'
import { decided, withNewNames } from './columns.ts'
import type { FlowColumnStore } from './store/flow-columns.ts'
import type { FlowStore, FlowView } from './store/flows.ts'

/* What a flow's columns are called, and what people decide about them. */

export interface NamingParts {
  readonly flows: FlowColumnStore & Pick<FlowStore, 'find' | 'update'>
}

/** @throws {LatchworkError} `flow_not_found` */
export async function columnsOf({ flows }: NamingParts, id: string): Promise<FlowColumns> {
  const flow = await findFlow(flows, id)
  const all = await flows.columnsOf(id)
  const items = [...all].map(([stream, columns]) => {
    const next = withNewNames(columns, givenIn(flow, stream))
    return {
      stream,
      columns: columns.map(({ was: _was, left: _left, ...column }, at) => {
        return { ...column, next: next[at]?.as ?? column.as }
      }),
    }
  })
  return { items }
}

/**
 * The columns are called as people call them now, also those of a flow of before. The next run renames them.
 * @throws {LatchworkError} `flow_not_found`, `run_active`
 */
export async function takeNames(parts: NamingParts, id: string): Promise<FlowColumns> {
  const { flows } = parts
  const flow = await findFlow(flows, id)
  await flows.changeColumns(id, (all) =>
    [...all].map(([stream, columns]): [string, StoredColumn[]] => [
      stream,
      withNewNames(columns, givenIn(flow, stream)),
    ]),
  )
  await flows.update(id, { columnNames: 'label' })
  return columnsOf(parts, id)
}

async function findFlow(flows: NamingParts['flows'], id: string): Promise<FlowView> {
  const flow = await flows.find(id)
  if (flow === null) throw new LatchworkError('flow_not_found')
  return flow
}

/** What people have called columns of a stream. */
function givenIn({ streams }: FlowView, stream: string): ReadonlyMap<string, string> {
  const chosen = streams === null || streams.everything ? [] : streams.chosen
  return givenNames(chosen.find((each) => each.stream === stream)?.columns ?? [])
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
