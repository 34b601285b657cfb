import type { Destination } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { met } from '../columns.ts'
import type { FlowColumnStore } from '../store/flow-columns.ts'
import type { HeldRun } from '../store/held.ts'
import type { RunRow } from '../store/run-row.ts'
import { writtenDown } from './journal.ts'

/**
 * A destination that is told which columns the flow writes for the first time. What it says of them is remembered: that it
 * has them, or that one of them has another type there and waits for a choice.
 */
export function firstWritten(
  store: Pick<FlowColumnStore, 'columnsOf' | 'keepColumns'>,
  run: HeldRun & Pick<RunRow, 'flowId'>,
  destination: Destination,
): Destination {
  const remember = (stream: string, held: LatchworkError['errors'] = []): Promise<void> =>
    writtenDown(
      (async () => {
        const stored = (await store.columnsOf(run.flowId)).get(stream)
        if (stored !== undefined) await store.keepColumns(run, stream, met(stored, held))
      })(),
    )
  return {
    open: async (plan, signal) => {
      try {
        const writer = await destination.open(plan, signal)
        if (plan.columns.some(({ isNew }) => isNew)) await remember(plan.stream)
        return writer
      } catch (error) {
        if (error instanceof LatchworkError && error.code === 'schema_change_held')
          await remember(plan.stream, error.errors)
        throw error
      }
    },
    close: () => destination.close(),
  }
}
