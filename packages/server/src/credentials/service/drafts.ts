import { errorCatalogue, LatchworkError } from '@latchwork/contract'
import { changedValues, readForm, sameValues } from '../form/form.ts'
import { findMethod } from '../form/method.ts'
import { checkFailed } from '../records/checking.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import type { CredentialView } from '../records/view.ts'
import { boundSecrets } from '../secrets/bound-secrets.ts'
import { hasSecret, placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import type { ServiceParts } from './parts.ts'
import { demandSecrets, mergeSecrets } from './replacing.ts'

/** An abandoned draft is erased after this time. */
export const draftTtlMs = 3_600_000

/**
 * Turns a draft into a saved credential. An authorized one keeps the result of its authorization; any other is checked.
 * @throws {LatchworkError} `not_authorized`, `invalid_input`, `name_taken`, and the error of a failed check
 */
export async function saveDraft(
  parts: ServiceParts,
  row: CredentialRow,
  texts: CredentialChange,
): Promise<CredentialView> {
  const known = findMethod(parts.connectors, row.connector, row.method)
  const { method } = known
  if (method.flow === 'oauth2') {
    if (!hasSecret(row, 'accessToken')) throw new LatchworkError('not_authorized')
    return parts.records.apply(row.id, { ...texts, draftExpiresAt: null, ...statusOfAuthorized(row) })
  }
  const secrets = await mergeSecrets(parts, method, row, {})
  const form = readForm(method, { ...row.values, ...secrets })
  const result = await parts.records.check(known, unsavedAccess(method.id, form))
  if (result.status === 'failed') throw checkFailed(result)
  // The read values include the defaults of blank fields.
  const change = { ...texts, values: form.values, draftExpiresAt: null, ...parts.records.statusOf(result) }
  return parts.records.apply(row.id, change, row.secretVersion)
}

/** If Close was out of reach when the tokens came, nobody knows yet whose they are. */
function statusOfAuthorized(row: CredentialRow): CredentialChange {
  if (row.identity !== null) return { status: 'verified', reasonCode: null, reasonMessage: null }
  const { title } = errorCatalogue.never_checked
  return { status: 'unverified', reasonCode: 'never_checked', reasonMessage: title }
}

/**
 * Changes the form's values of a draft. A field that is not given stays, as long as it applies. A secret given blank
 * stays too, unless another field would send it elsewhere from now on. A changed OAuth app makes its tokens worthless:
 * they are revoked, and the draft must be authorized again.
 * @throws {LatchworkError} `invalid_input`, `conflict`
 */
export async function changeDraft(
  { records, vault, revoker, connectors }: ServiceParts,
  row: CredentialRow,
  texts: CredentialChange,
  given: Readonly<Record<string, string>>,
): Promise<CredentialView> {
  const { method } = findMethod(connectors, row.connector, row.method)
  const form = readForm(method, given, { optional: () => true, stored: row.values })
  const values = changedValues(method, row.values, given, form)
  demandSecrets(method, row, values, form.secrets)
  const stored = await mergeSecrets({ vault }, method, row, {})
  const secretChanged = Object.entries(form.secrets).some(([field, value]) => stored[field] !== value)
  if (!secretChanged && sameValues(values, row.values)) return records.apply(row.id, texts)

  const authorized = hasSecret(row, 'accessToken')
  const version = row.secretVersion + 1
  const sealed = await vault.reseal(placeOfRow(row), row.sealed, placeOf(row.id, version), {
    ...boundSecrets(method, { values, secrets: form.secrets }),
    ...(authorized ? { accessToken: null, refreshToken: null } : {}),
  })
  const noGrant: CredentialChange = {
    identity: null,
    grantedScope: null,
    accessTokenExpiresAt: null,
    generation: row.generation + 1,
  }
  const change: CredentialChange = {
    ...texts,
    ...(authorized ? noGrant : {}),
    values,
    sealed,
    secretVersion: version,
    reasonCode: null,
    reasonMessage: null,
  }
  const changed = await records.apply(row.id, change, row.secretVersion)
  if (authorized) revoker.revokeInBackground(row)
  return changed
}
