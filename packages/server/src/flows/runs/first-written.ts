import type { Destination } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { met } from '../columns.ts'
import type { FlowColumnStore } from '../store/flow-columns.ts'
import type { HeldRun } from '../store/held.ts'
import type { RunRow } from '../store/run-row.ts'
import { writtenDown } from './journal.ts'

/**
 * A destination that is told which columns the flow writes for the first time. What it says of columns is remembered: that it
 * has them, or that one of them has another type there, or gets values of another, and waits for a choice.
 * @param typed see `StreamPlan`
 */
export function firstWritten(
  store: Pick<FlowColumnStore, 'columnsOf' | 'keepColumns'>,
  run: HeldRun & Pick<RunRow, 'flowId'>,
  destination: Destination,
  typed: boolean,
): Destination {
  const remember = (stream: string, held: LatchworkError['errors'] = []): Promise<void> =>
    writtenDown(
      (async () => {
        const stored = (await store.columnsOf(run.flowId)).get(stream)
        if (stored !== undefined) await store.keepColumns(run, stream, met(stored, held))
      })(),
    )
  const remembering = async <T>(stream: string, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      if (error instanceof LatchworkError && error.code === 'schema_change_held')
        await remember(stream, error.errors)
      throw error
    }
  }
  return {
    open: async (plan, signal) => {
      const { stream } = plan
      const writer = await remembering(stream, destination.open({ ...plan, ...(typed && { typed }) }, signal))
      if (plan.columns.some(({ isNew }) => isNew)) await remember(stream)
      return { ...writer, write: (batch) => remembering(stream, writer.write(batch)) }
    },
    close: () => destination.close(),
  }
}
