import { type Guard, guardItems } from '../guarded-items.ts'
import type { Batch, CredentialAccess } from '../interface.ts'
import type { CloseContext } from './close-client.ts'
import { closeFailure } from './failures.ts'
import type { StreamRow } from './streams/row.ts'
import { asUnavailable } from './unavailable.ts'

/** Turns what Close answers into errors of the catalogue. A refusal is the stream's, where there is one. */
export function guardOf(
  credential: CredentialAccess,
  context: CloseContext,
  row?: Pick<StreamRow, 'label'>,
): Guard {
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
  for await (const batch of guardItems(batches, guard)) {
    const { existing } = batch
    yield existing === undefined ? batch : { ...batch, existing: () => guardItems(existing(), guard) }
  }
}
