import {
  type AuditState,
  type CheckResult,
  type CredentialCreate,
  errorCatalogue,
  invalidField,
  LatchworkError,
  type MethodDefinition,
  newId,
  type User,
} from '@latchwork/contract'
import { type FormValues, readForm } from '../form/form.ts'
import { findMethod } from '../form/method.ts'
import { checkFailed } from '../records/checking.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import type { CredentialParts } from '../records/records.ts'
import type { CredentialView } from '../records/view.ts'
import { boundSecrets } from '../secrets/bound-secrets.ts'
import { placeOf } from '../secrets/sealing.ts'
import type { CredentialRow, NewCredential } from '../store/row.ts'
import { draftTtlMs } from './drafts.ts'
import type { ServiceParts } from './parts.ts'

/**
 * Checks values that are not saved.
 * @param tell gets details for the audit log: first where the values are sent, then the result
 * @throws {LatchworkError} `invalid_input`, `connector_unknown`, `method_unknown`
 */
export async function verify(
  { records, connectors }: Pick<ServiceParts, 'records' | 'connectors'>,
  input: Pick<CredentialCreate, 'connector' | 'method' | 'values'>,
  tell: (reported: AuditState) => void = () => undefined,
): Promise<CheckResult> {
  const known = findMethod(connectors, input.connector, input.method)
  const { connector, method } = known
  const form = readForm(method, input.values)
  const host = connector.host?.(form.values) ?? ''
  tell({ connector: input.connector, method: method.id, host, values: form.values })
  if (method.flow === 'oauth2') {
    const { title } = errorCatalogue.not_authorized
    return { status: 'unverified', identity: null, reason: { code: 'not_authorized', message: title } }
  }
  const result = await records.check(known, unsavedAccess(method.id, form))
  const { status, reason, identity } = result
  tell({ status, reason: reason?.code ?? null, organization: identity?.organizationName ?? null })
  return result
}

/**
 * Checks and saves a credential, or saves a draft unchecked.
 * @throws {LatchworkError} `invalid_input`, `name_taken`, `not_authorized`, `drafts_full`, and the error of a failed
 * check
 */
export async function create(
  parts: ServiceParts,
  input: CredentialCreate,
  owner: User,
): Promise<CredentialView> {
  const known = findMethod(parts.connectors, input.connector, input.method)
  const { method } = known
  if (input.draft) {
    const form = readForm(method, input.values, { optional: () => true })
    return parts.records.view(await insert(parts, input, method, form, owner, null))
  }
  if (input.name === '') throw invalidField('name', 'required', 'Name is required.')
  const form = readForm(method, input.values)
  if (method.flow === 'oauth2') throw new LatchworkError('not_authorized')
  const result = await parts.records.check(known, unsavedAccess(method.id, form))
  if (result.status === 'failed') throw checkFailed(result)
  return parts.records.view(await insert(parts, input, method, form, owner, result))
}

async function insert(
  { stores, vault, limits }: Pick<CredentialParts, 'stores' | 'vault' | 'limits'>,
  { values: _, draft: __, ...given }: CredentialCreate,
  method: MethodDefinition,
  form: FormValues,
  owner: User,
  result: CheckResult | null,
): Promise<CredentialRow> {
  const id = newId('credential')
  const nowMs = (await stores.now()).getTime()
  const row: NewCredential = {
    ...given,
    id,
    ownerId: owner.id,
    status: result?.status ?? 'draft',
    reasonCode: result?.reason?.code ?? null,
    reasonMessage: result?.reason?.message ?? null,
    statusAt: nowMs,
    identity: result?.identity ?? null,
    values: form.values,
    sealed: await vault.seal(placeOf(id, 1), boundSecrets(method, form)),
    secretVersion: 1,
    grantedScope: null,
    accessTokenExpiresAt: null,
    draftExpiresAt: result === null ? nowMs + draftTtlMs : null,
    permissions: result?.permissions ?? null,
  }
  return stores.credentials.insert(row, limits.drafts)
}
