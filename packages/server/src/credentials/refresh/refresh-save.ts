import { doublingMs, LatchworkError } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'
import { type Grant, tokensOf } from '../tokens/token-answer.ts'
import { leaseTtlMs, type RefresherParts } from './refresh-parts.ts'

/** Saving a pair is tried again until the pauses between the attempts, which grow to two seconds, add up to this. */
const saveWithinMs = 10 * 60_000
const firstSavePauseMs = 400
export const longestSavePauseMs = 2000

/** An answer of the token endpoint, to be saved. */
export interface Pair {
  readonly grant: Grant
  /** When the request was sent, by the clock of this process. The lifetime is counted from then. */
  readonly sentAtMs: number
  /** A client secret that the answer has proved; null for the stored one. */
  readonly newSecret: string | null
}

/**
 * Saves an answer. The old refresh token is spent and the new pair exists only here, so a failing database or key
 * service is tried again for minutes. The lease is renewed as soon as it is back. If another secret changed meanwhile,
 * the pair is sealed into the row as it is now.
 */
export async function savePair(
  parts: RefresherParts,
  held: CredentialRow,
  pair: Pair,
): Promise<CredentialRow> {
  const { store, clock, log, owner } = parts
  let pausedMs = 0
  let current = held
  for (let attempt = 1; ; attempt++) {
    let saved: boolean
    let row: CredentialRow | null
    try {
      if (attempt > 1) await store.acquireLease(held.id, owner, leaseTtlMs)
      saved = await trySaving(parts, current, held.generation, pair)
      row = await store.find(held.id)
    } catch (error) {
      if (pausedMs >= saveWithinMs) throw error
      log.error({ err: error, credential: held.id, attempt }, 'new tokens could not be saved yet')
      const pauseMs = doublingMs(attempt, firstSavePauseMs, longestSavePauseMs)
      await clock.sleep(pauseMs)
      pausedMs += pauseMs
      continue
    }
    if (row === null) {
      await revokeOrphan(parts, held, pair.grant)
      throw new LatchworkError('credential_not_found')
    }
    // Another sign-in has replaced the one that this pair belongs to.
    if (!saved && row.secretSince !== held.secretSince) await revokeOrphan(parts, held, pair.grant)
    if (saved || row.generation !== held.generation) return row
    current = row
  }
}

async function trySaving(
  { vault, store }: RefresherParts,
  current: CredentialRow,
  generation: number,
  { grant, sentAtMs, newSecret }: Pair,
): Promise<boolean> {
  const version = current.secretVersion + 1
  const sealed = await vault.reseal(placeOfRow(current), current.sealed, placeOf(current.id, version), {
    ...tokensOf(grant),
    ...(newSecret === null ? {} : { clientSecret: new Secret(newSecret) }),
  })
  return store.saveTokens(current.id, generation, {
    sealed,
    secretVersion: version,
    grantedScope: grant.scope ?? current.grantedScope,
    accessTokenExpiresAt: sentAtMs + grant.expiresInSeconds * 1000,
  })
}

/** The credential was deleted, or authorized again, during the refresh. */
async function revokeOrphan(
  { vault, revoker }: RefresherParts,
  held: CredentialRow,
  grant: Grant,
): Promise<void> {
  const clientSecret = await vault.open(placeOfRow(held), held.sealed, 'clientSecret')
  await revoker.revokeTokens(held, held.values, { clientSecret, ...tokensOf(grant) })
}
