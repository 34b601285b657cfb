import { invalidField, LatchworkError, type MethodDefinition, type User } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import type { CredentialRow } from '../stores/interfaces.ts'
import { unsavedAccess } from './access.ts'
import { checkFailed, identityChanged, isOtherAccount } from './checking.ts'
import { type FormValues, readForm } from './form.ts'
import { swapIn } from './previous.ts'
import type { CredentialParts, CredentialRecords } from './records.ts'
import { resumeApp } from './resuming.ts'
import { placeOf, placeOfRow, secretsOf } from './sealing.ts'
import type { CredentialView } from './view.ts'

export interface Replacement {
  /** The fields to replace; the others stay as they are. */
  readonly values: Readonly<Record<string, string>>
  readonly confirmIdentityChange: boolean
  /** What tells the new key apart in the other system. */
  readonly keyNote?: string | undefined
}

/**
 * Replaces fields of a saved credential in one step, after a check with them. Whatever uses the credential goes on.
 * @throws {LatchworkError} `invalid_input`, `identity_changed`, `unreachable`, `conflict`, and what a check fails with;
 * then nothing was changed
 */
export async function replaceSecrets(
  records: CredentialRecords,
  parts: CredentialParts,
  id: string,
  replacement: Replacement,
  user: User,
): Promise<CredentialView> {
  const row = await records.findOwn(id, user)
  if (row.status === 'draft') throw new LatchworkError('credential_draft')
  const { connector, method } = records.method(row.connector, row.method)
  const form = readForm(method, replacement.values, { optional: () => true })
  const cleared = clearedFields(method, replacement.values)
  if (Object.keys(form.secrets).length + Object.keys(form.values).length + cleared.length === 0) {
    throw invalidField('values', 'required', 'Fill in what is to be replaced.')
  }
  if (method.flow === 'oauth2') return replaceAppSecret(records, parts, row, form, cleared)

  const merged = await mergeStored(parts, row, form)
  for (const name of cleared) delete merged.values[name]
  const result = await records.check(connector, unsavedAccess(method.id, merged))
  if (result.status !== 'verified') throw checkFailed(method, result)
  if (isOtherAccount(row.identity, result.identity) && !replacement.confirmIdentityChange) {
    throw identityChanged('key', row.identity, result.identity?.organizationName ?? '')
  }
  const version = row.secretVersion + 1
  const sealed = await parts.vault.seal(placeOf(id, version), secretsOf(merged.secrets))
  const change = {
    ...records.statusOf(result),
    values: merged.values,
    sealed,
    secretVersion: version,
    keyNote: replacement.keyNote ?? null,
  }
  return records.view(await swapIn(parts, row, change, user))
}

/** Fields that are no secret and may be blank, and that are to be blank from now on. */
function clearedFields({ fields }: MethodDefinition, given: Replacement['values']): string[] {
  return fields
    .filter(({ name, kind, required }) => kind !== 'secret' && !required && given[name]?.trim() === '')
    .map(({ name }) => name)
}

/**
 * The stored values with those of the form in their place.
 * @throws {LatchworkError} `secret_unreadable` if a secret that the form leaves out can't be opened
 */
export async function mergeStored(
  { vault }: Pick<CredentialParts, 'vault'>,
  row: CredentialRow,
  form: FormValues,
): Promise<FormValues> {
  // What can't be opened any more is not needed where the form has all of it.
  const isNeeded = Object.keys(row.sealed.fields).some((field) => form.secrets[field] === undefined)
  const stored = isNeeded ? await vault.openAll(placeOfRow(row), row.sealed) : {}
  const revealed = Object.entries(stored).map(([name, secret]) => [name, secret.reveal()])
  return {
    values: { ...row.values, ...form.values },
    secrets: { ...Object.fromEntries(revealed), ...form.secrets },
  }
}

/** A new client secret is tried by refreshing with it, and saved together with the new tokens. */
async function replaceAppSecret(
  records: CredentialRecords,
  parts: CredentialParts,
  row: CredentialRow,
  form: FormValues,
  cleared: readonly string[],
): Promise<CredentialView> {
  const { stores, refresher, vault } = parts
  const { clientId, scope } = form.values
  if (clientId !== undefined && clientId !== row.values['clientId']) {
    throw invalidField(
      'values.clientId',
      'fixed',
      'Another OAuth app needs a credential of its own: add one, and move what uses this one.',
    )
  }
  const secret = form.secrets['clientSecret']
  if (secret !== undefined) {
    try {
      await refresher.refreshWithSecret(row.id, secret)
    } catch (error) {
      if (!(error instanceof LatchworkError)) throw error
      if (error.code === 'oauth_client_rejected') {
        const fault = { field: 'values.clientSecret', rule: error.code, message: error.message }
        throw new LatchworkError(error.code, { errors: [fault] })
      }
      if (error.code !== 'grant_rejected' && error.code !== 'lost_rotation') throw error
      parts.revoker.behind(row.id, resumeApp(records, parts, row, secret))
      // Close took the app's secret and refused the grant: the secret is right, and authorizing again needs it.
      const current = await records.find(row.id)
      const version = current.secretVersion + 1
      const sealed = await vault.reseal(placeOfRow(current), current.sealed, placeOf(row.id, version), {
        clientSecret: new Secret(secret),
      })
      return records.apply(row.id, { sealed, secretVersion: version }, current.secretVersion)
    }
  }
  if (secret !== undefined) parts.revoker.behind(row.id, resumeApp(records, parts, row, secret))
  const changed: Record<string, string> = scope !== undefined ? { ...row.values, scope } : { ...row.values }
  for (const name of cleared) delete changed[name]
  if (scope !== undefined || cleared.length > 0) await stores.credentials.update(row.id, { values: changed })
  return records.view(await records.recheck(row.id))
}
