import type { Batch, CredentialAccess } from '../interface.ts'
import type { CloseContext } from './close-client.ts'
import { closeFailure } from './failures.ts'
import type { StreamRow } from './streams/row.ts'
import { asUnavailable } from './unavailable.ts'

/** Runs work whose errors are told in the words of the catalogue. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** Turns what Close answers into errors of the catalogue. A refusal is the stream's, where there is one. */
export function guardOf(credential: CredentialAccess, context: CloseContext, row?: StreamRow): Guard {
  return async (work) => {
    try {
      return await work()
    } catch (error) {
      context.signal.throwIfAborted()
      throw closeFailure(row === undefined ? error : asUnavailable(error, row), credential, context)
    }
  }
}

/** Batches whose errors, and those of what they hold, pass through the guard. */
export async function* guardedBatches(
  guard: Guard,
  batches: AsyncGenerator<Batch, void, undefined>,
): AsyncGenerator<Batch, void, undefined> {
  for await (const batch of guarded(guard, batches)) {
    const { existing } = batch
    yield existing === undefined ? batch : { ...batch, existing: () => guarded(guard, existing()) }
  }
}

async function* guarded<T>(guard: Guard, all: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const items = all[Symbol.asyncIterator]()
  try {
    for (;;) {
      const item = await guard(() => items.next())
      if (item.done === true) return
      yield item.value
    }
  } finally {
    await items.return?.()
  }
}
