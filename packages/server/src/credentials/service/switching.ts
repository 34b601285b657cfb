import { type CheckResult, isOtherAccount, LatchworkError, type User } from '@latchwork/contract'
import { type FormValues, readForm } from '../form/form.ts'
import { findMethod, type KnownMethod } from '../form/method.ts'
import { checkFailed, identityChanged } from '../records/checking.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import type { CredentialRecords } from '../records/records.ts'
import type { CredentialView } from '../records/view.ts'
import { boundSecrets } from '../secrets/bound-secrets.ts'
import { hasSecret, placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import type { ServiceParts } from './parts.ts'
import { swapIn } from './previous.ts'

export interface MethodSwitch {
  readonly method: string
  readonly values: Readonly<Record<string, string>>
  /** For OAuth: an authorized draft of whoever asks, whose tokens move to the credential. */
  readonly draft?: string | undefined
  readonly confirmIdentityChange: boolean
  readonly keyNote?: string | undefined
}

const othersDraft =
  'This sign-in belongs to another member, who authorized it for a credential of their own. Authorize one yourself.'

interface Arrival {
  readonly form: FormValues
  readonly result: CheckResult
  readonly change: CredentialChange
  readonly draft?: { readonly id: string; readonly version: number }
}

/**
 * Switches a saved credential to another method of its connector in one commit, after a check. The previous secret is
 * retained for an hour. Everything that uses the credential goes on with the new method from its next request.
 * @throws {LatchworkError} `credential_draft`, `method_unknown`, `not_authorized`, `identity_changed`, `conflict`,
 * `invalid_input`, and the error of a failed check; then nothing was changed
 */
export async function switchMethod(
  parts: ServiceParts,
  id: string,
  asked: MethodSwitch,
  user: User,
): Promise<CredentialView> {
  const row = await parts.records.findOwn(id, user)
  if (row.status === 'draft') throw new LatchworkError('credential_draft')
  const known = findMethod(parts.connectors, row.connector, asked.method)
  if (asked.method === row.method) {
    throw new LatchworkError('method_unknown', {
      message: `The credential uses ${known.method.label} already. Replace its secret instead.`,
    })
  }
  const arrival =
    known.method.flow === 'oauth2'
      ? await fromDraft(parts, row, asked, user)
      : await fromForm(parts.records, known, asked)
  const { form, result } = arrival
  if (result.status !== 'verified') throw checkFailed(result)
  if (isOtherAccount(row.identity, result.identity) && !asked.confirmIdentityChange) {
    throw identityChanged(known.method.label, row.identity, result.identity)
  }
  const version = row.secretVersion + 1
  const change: CredentialChange = {
    ...parts.records.statusOf(result),
    ...arrival.change,
    method: asked.method,
    values: form.values,
    keyNote: asked.keyNote ?? null,
    sealed: await parts.vault.seal(placeOf(id, version), boundSecrets(known.method, form)),
    secretVersion: version,
    generation: row.generation + 1,
  }
  const saved = await swapIn(parts, row, change, user, arrival.draft)
  return parts.records.view(saved)
}

async function fromForm(
  records: CredentialRecords,
  known: KnownMethod,
  asked: MethodSwitch,
): Promise<Arrival> {
  const form = readForm(known.method, asked.values)
  const result = await records.check(known, unsavedAccess(known.method.id, form))
  return { form, result, change: { grantedScope: null, accessTokenExpiresAt: null } }
}

async function fromDraft(
  { records, vault, clock, connectors }: ServiceParts,
  row: CredentialRow,
  asked: MethodSwitch,
  user: User,
): Promise<Arrival> {
  if (asked.draft === undefined) throw new LatchworkError('not_authorized')
  const draft = await records.findOwn(asked.draft, user)
  // An administrator may change the draft of another member, but not give that member's tokens away.
  if (draft.ownerId !== user.id) throw new LatchworkError('forbidden', { message: othersDraft })
  const fits = draft.status === 'draft' && draft.connector === row.connector && draft.method === asked.method
  const lasts = (draft.accessTokenExpiresAt ?? 0) > clock.now()
  if (!fits || !lasts || !hasSecret(draft, 'accessToken')) throw new LatchworkError('not_authorized')
  const opened = await vault.openAll(placeOfRow(draft), draft.sealed)
  const secrets = Object.fromEntries(Object.entries(opened).map(([name, secret]) => [name, secret.reveal()]))
  const form = { values: { ...draft.values }, secrets }
  const token = {
    accessToken: secrets['accessToken'] ?? '',
    organizationId: draft.identity?.organizationId ?? null,
  }
  const known = findMethod(connectors, draft.connector, draft.method)
  return {
    form,
    result: await records.check(known, unsavedAccess(draft.method, form, token)),
    change: { grantedScope: draft.grantedScope, accessTokenExpiresAt: draft.accessTokenExpiresAt },
    draft: { id: draft.id, version: draft.secretVersion },
  }
}
