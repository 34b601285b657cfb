import {
  applicable,
  type CheckResult,
  isOtherAccount,
  LatchworkError,
  type MethodDefinition,
  type Previous,
  type User,
} from '@latchwork/contract'
import type { Place } from '@latchwork/vault'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import { memberOf } from '../../identity/rules.ts'
import type { FormValues } from '../form/form.ts'
import { findMethod } from '../form/method.ts'
import { identityChanged } from '../records/checking.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import type { CredentialParts } from '../records/records.ts'
import { hasGrantEnded, isInDoubt } from '../refresh/refresh-plan.ts'
import { boundSecrets, unboundSecrets } from '../secrets/bound-secrets.ts'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { PreviousRow, Swap } from '../store/previous.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import type { ServiceParts } from './parts.ts'

/*
 * The previous secret, retained by a replacement or a switch. Every process reads the secret from the row for each
 * request of a run, so no request that begins after the swap can use the old one. Its last use is over once the longest
 * request that began before has ended.
 */

const undoMs = 3_600_000
/** Longer than any request lasts. */
const longestUseMs = 60_000
/** An old key is retained for this long, to ask whether it was deleted. */
const keepMs = 7 * 24 * 3_600_000
/** A token that expires sooner cannot be checked. */
const shortestTokenMs = 10_000

function previousPlace(id: string, version: number): Place {
  return { table: 'previous_secrets', rowId: id, version }
}

/** Seals what the credential uses now as its previous secret. Null if it can't be opened, and so never used again. */
async function keepPrevious(
  { stores, vault, connectors }: Pick<CredentialParts, 'stores' | 'vault' | 'connectors'>,
  row: CredentialRow,
  by: User,
): Promise<Swap['keep']> {
  const secrets = await openIfWhole(vault, row)
  if (secrets === null) return null
  const methods = connectors.get(row.connector)?.definition.methods ?? []
  const keyField = methods.find(({ id }) => id === row.method)?.fields.find(({ isKey }) => isKey === true)
  const nowMs = (await stores.now()).getTime()
  const tokenEndsMs = row.accessTokenExpiresAt
  // A grant that can't be refreshed any more, or perhaps can't, is not worth restoring.
  const lasts = !isInDoubt(row) && !hasGrantEnded(row)
  const lastsUntilMs = lasts ? (tokenEndsMs ?? Infinity) - shortestTokenMs : nowMs
  const undoUntilMs = Math.max(nowMs, Math.min(nowMs + undoMs, lastsUntilMs))
  const endsMs = tokenEndsMs === null ? nowMs + keepMs : nowMs + undoMs
  return {
    credentialId: row.id,
    method: row.method,
    values: row.values,
    identity: row.identity,
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: row.accessTokenExpiresAt,
    keyNote: row.keyNote,
    replacedBy: by.id,
    usedSince: row.secretSince,
    lastUsedAt: row.lastUsedAt,
    sealed: await vault.seal(previousPlace(row.id, row.secretVersion), secrets),
    version: row.secretVersion,
    suffix: secrets[keyField?.name ?? '']?.reveal().slice(-4) ?? null,
    undoUntil: undoUntilMs,
    endsAt: endsMs,
  }
}

async function openIfWhole(vault: CredentialParts['vault'], row: CredentialRow) {
  try {
    return await vault.openAll(placeOfRow(row), row.sealed)
  } catch (error) {
    if (error instanceof LatchworkError && error.code === 'secret_unreadable') return null
    throw error
  }
}

/**
 * Changes the credential and retains what it used as the previous secret, in one commit.
 * @throws {LatchworkError} `conflict` if another change came first
 */
export async function swapIn(
  parts: CredentialParts,
  row: CredentialRow,
  change: CredentialChange,
  by: User,
  draft?: Swap['draft'],
): Promise<CredentialRow> {
  const { previous } = parts.stores
  const before = await previous.find(row.id)
  const keep = await keepPrevious(parts, row, by)
  const saved = await previous.swap({
    id: row.id,
    change,
    expectedVersion: row.secretVersion,
    keep,
    ...(draft === undefined ? {} : { draft }),
  })
  if (saved === null) throw new LatchworkError('conflict')
  if (before !== null) parts.revoker.inBackground(row.id, () => revokePrevious(parts, before))
  return saved
}

export function previousView(row: PreviousRow, nowMs: number): Previous {
  const unusedMs = row.replacedAt + longestUseMs
  return {
    method: row.method,
    suffix: row.suffix,
    keyNote: row.keyNote,
    usedSince: toTime(row.usedSince),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
    replacedAt: toTime(row.replacedAt),
    undoUntil: row.undoUntil > nowMs ? toTime(row.undoUntil) : null,
    state: nowMs < unusedMs ? 'ending' : 'unused',
    unusedAt: toTime(unusedMs),
  }
}

interface Opened {
  readonly method: MethodDefinition
  readonly form: FormValues
  readonly accessToken: string | null
  readonly check: () => Promise<CheckResult>
}

async function open(parts: ServiceParts, row: PreviousRow, connectorId: string): Promise<Opened> {
  const known = findMethod(parts.connectors, connectorId, row.method)
  const { method } = known
  const place = previousPlace(row.credentialId, row.version)
  // The previous secret is sent with the previous fields, never with the present ones.
  const secrets = unboundSecrets(method, row.values, await parts.vault.openAll(place, row.sealed))
  const form = { values: applicable(method.fields, row.values), secrets }
  const accessToken = secrets['accessToken'] ?? null
  const organizationId = row.identity?.organizationId ?? null
  const token = accessToken === null ? null : { accessToken, organizationId }
  return {
    method,
    form,
    accessToken,
    check: () => parts.records.check(known, unsavedAccess(row.method, form, token)),
  }
}

/**
 * Undoes the last replacement or switch, after a check with the previous secret. Refused once the person who made the
 * change may no longer change the credential.
 * @throws {LatchworkError} `nothing_to_undo`, `undo_refused`, `identity_changed`, `conflict`
 */
export async function undo(parts: ServiceParts, id: string, user: User) {
  const { stores, vault } = parts
  const row = await parts.records.findOwn(id, user)
  const previous = await stores.previous.find(id)
  const nowMs = (await stores.now()).getTime()
  if (previous === null || previous.undoUntil <= nowMs) throw new LatchworkError('nothing_to_undo')
  await refuseWithdrawn(parts, previous)
  const { method, form, check } = await open(parts, previous, row.connector)
  const result = await check()
  if (result.status !== 'verified') {
    throw new LatchworkError('undo_refused', {
      message: `The change was not undone. ${result.reason?.message ?? ''}`.trim(),
    })
  }
  const pinned = previous.identity ?? row.identity
  if (isOtherAccount(pinned, result.identity))
    throw identityChanged('earlier secret', pinned, result.identity)
  const version = row.secretVersion + 1
  const change: CredentialChange = {
    ...parts.records.statusOf(result),
    method: previous.method,
    values: previous.values,
    keyNote: previous.keyNote,
    secretSince: previous.usedSince,
    sealed: await vault.seal(placeOf(id, version), boundSecrets(method, form)),
    secretVersion: version,
    generation: row.generation + 1,
    grantedScope: previous.grantedScope,
    accessTokenExpiresAt: previous.accessTokenExpiresAt,
  }
  const saved = await stores.previous.swap({ id, change, expectedVersion: row.secretVersion, keep: null })
  if (saved === null) throw new LatchworkError('conflict')
  parts.revoker.revokeInBackground(row)
  return parts.records.view(saved)
}

async function refuseWithdrawn(
  { rules }: Pick<CredentialParts, 'rules'>,
  { replacedBy, credentialId: id }: PreviousRow,
): Promise<void> {
  if (replacedBy === null) return
  if (await rules.may(memberOf({ id: replacedBy }), 'admin', { kind: 'credential', id })) return
  throw new LatchworkError('nothing_to_undo', {
    message:
      "The person who made this change may no longer change this credential, so it can't be undone. Replace the secret instead.",
  })
}

/** Asks whether the previous secret is still accepted. Erases a refused one. */
export async function checkPrevious(parts: ServiceParts, id: string, user: User) {
  const { stores } = parts
  const row = await parts.records.findOwn(id, user)
  const previous = await stores.previous.find(id)
  if (previous === null) return { accepted: null, previous: null }
  const { check } = await open(parts, previous, row.connector)
  const { status } = await check()
  const nowMs = (await stores.now()).getTime()
  if (status === 'failed') {
    await stores.previous.erase(id, previous.version)
    parts.revoker.inBackground(id, () => revokePrevious(parts, previous))
    return { accepted: false, previous: null }
  }
  return { accepted: status === 'verified' ? true : null, previous: previousView(previous, nowMs) }
}

/** Erases previous secrets that can't be restored any more, and ends them at the other system. */
export async function sweepPrevious(parts: CredentialParts, signal: AbortSignal) {
  for (;;) {
    const ended = await parts.stores.previous.takeEnded(20)
    await Promise.all(ended.map((row) => revokePrevious(parts, row)))
    if (ended.length === 0 || signal.aborted) break
  }
}

/** Ends a sign-in at its server. A key can only be deleted there by a person. */
async function revokePrevious({ vault, stores, revoker }: CredentialParts, row: PreviousRow): Promise<void> {
  const secrets = await vault.openAll(previousPlace(row.credentialId, row.version), row.sealed)
  const { credentialId: id } = row
  const holder = (await stores.credentials.find(id)) ?? (await stores.deleted.find(id))
  if (holder === null) throw new LatchworkError('credential_not_found')
  await revoker.revokeTokens(holder, row.values, secrets)
}
