import { LatchworkError, type User } from '@latchwork/contract'
import { withBlockers } from '../../identity/blockers.ts'
import type { CredentialParts } from '../records/records.ts'
import type { ServiceParts } from './parts.ts'
import { sweepPrevious } from './previous.ts'

/** A deleted credential can be restored for this long. */
export const keepDeletedMs = 7 * 24 * 3_600_000

/**
 * Deletes a credential and ends its grant at Close.
 * @param stopUsers deletes it although it is used: pauses the flows that need it, and informs their owners
 * @throws {LatchworkError} `credential_in_use` with what uses it, as far as the person may see it
 */
export async function deleteCredential(
  parts: ServiceParts,
  id: string,
  user: User,
  stopUsers: boolean,
): Promise<void> {
  const { stores, rules, deleteUsed } = parts
  const row = await parts.records.findOwn(id, user)
  if (row.status === 'draft') await stores.credentials.erase(id)
  else {
    const usage = await stores.usage.of(id)
    if (usage.length > 0 && !stopUsers) {
      const blockers = usage.map(({ kind, id: blocker, name }) => ({ kind, id: blocker, name }))
      const error = new LatchworkError('credential_in_use', { message: inUseMessage(usage), blockers })
      throw withBlockers(error, await rules.seen(user, usage))
    }
    const flows = usage.filter(({ kind }) => kind === 'flow').map((flow) => flow.id)
    if (stopUsers) await deleteUsed(id, user, flows)
    else await stores.credentials.update(id, { deletedAt: (await stores.now()).getTime() })
  }
  // A refresh may have saved another pair meanwhile.
  parts.revoker.revokeInBackground((await stores.deleted.find(id)) ?? row)
}

/** Erases expired drafts and ends their grants at Close. Erases all else that has expired. */
export async function sweep(parts: CredentialParts, signal: AbortSignal): Promise<void> {
  const { stores } = parts
  for (;;) {
    const expired = await stores.credentials.takeExpiredDrafts(20)
    await Promise.all(expired.map((row) => parts.revoker.revoke(row)))
    if (expired.length === 0 || signal.aborted) break
  }
  await sweepPrevious(parts, signal)
  await stores.credentials.eraseDeleted(keepDeletedMs)
  await stores.authorizations.eraseExpired()
}

function inUseMessage(usage: readonly { kind: string }[]): string {
  const counted = ['flow', 'source', 'destination', 'pass'].flatMap((kind) => {
    const count = usage.filter((each) => each.kind === kind).length
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? '' : kind === 'pass' ? 'es' : 's'}`]
  })
  return `Used by ${[counted.slice(0, -1).join(', '), ...counted.slice(-1)].filter((each) => each !== '').join(' and ')}. Move them to another credential, or remove them first.`
}
