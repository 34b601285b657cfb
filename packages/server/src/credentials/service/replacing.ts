import {
  invalidField,
  isOtherAccount,
  LatchworkError,
  type MethodDefinition,
  redirectingFields,
  type User,
  whySecretAgain,
} from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { invalidInput } from '../../http/input.ts'
import { changedValues, type FormValues, readForm, sameValues } from '../form/form.ts'
import { findMethod } from '../form/method.ts'
import { checkFailed, identityChanged } from '../records/checking.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import type { CredentialParts } from '../records/records.ts'
import type { CredentialView } from '../records/view.ts'
import { hasGrantEnded } from '../refresh/refresh-plan.ts'
import { notCheckedSince, resumeApp } from '../resume/resuming.ts'
import { boundSecrets, openSecrets } from '../secrets/bound-secrets.ts'
import { hasSecret, placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'
import { oauthOf } from '../tokens/oauth-server.ts'
import { revokeGrant } from '../tokens/token-client.ts'
import type { ServiceParts } from './parts.ts'
import { swapIn } from './previous.ts'

export interface Replacement {
  /** The fields to replace. The others stay as they are, as long as they apply. */
  readonly values: Readonly<Record<string, string>>
  readonly confirmIdentityChange: boolean
  /** Identifies the new key in the other system. */
  readonly keyNote?: string | undefined
}

/**
 * Replaces fields of a saved credential in one step, after a check with them. Everything that uses it goes on.
 * @throws {LatchworkError} `invalid_input`, `identity_changed`, `unreachable`, `conflict`, and the error of a failed
 * check; then nothing was changed
 */
export async function replaceSecrets(
  parts: ServiceParts,
  id: string,
  replacement: Replacement,
  user: User,
): Promise<CredentialView> {
  const row = await parts.records.findOwn(id, user)
  if (row.status === 'draft') throw new LatchworkError('credential_draft')
  const known = findMethod(parts.connectors, row.connector, row.method)
  const { method } = known
  const given = replacement.values
  const open = method.fields.filter(({ kind, name }) => kind !== 'secret' && Object.hasOwn(given, name))
  // A blank secret stays as it is. Any other field given blank is cleared, if it is optional.
  const optional = (name: string) => open.every((field) => field.name !== name)
  const form = readForm(method, given, { optional, stored: row.values })
  if (Object.keys(form.secrets).length + open.length === 0) {
    throw invalidField('values', 'required', 'Fill in at least one field to replace.')
  }
  const values = changedValues(method, row.values, given, form)
  if (method.flow === 'oauth2') return replaceAppSecret(parts, row, values, form.secrets)

  demandSecrets(method, row, values, form.secrets)
  const merged = { values, secrets: await mergeSecrets(parts, method, row, form.secrets) }
  const result = await parts.records.check(known, unsavedAccess(method.id, merged))
  if (result.status !== 'verified') throw checkFailed(result)
  if (isOtherAccount(row.identity, result.identity) && !replacement.confirmIdentityChange) {
    throw identityChanged('key', row.identity, result.identity)
  }
  const version = row.secretVersion + 1
  const sealed = await parts.vault.seal(placeOf(id, version), boundSecrets(method, merged))
  const change = {
    ...parts.records.statusOf(result),
    values: merged.values,
    sealed,
    secretVersion: version,
    keyNote: replacement.keyNote ?? null,
  }
  return parts.records.view(await swapIn(parts, row, change, user))
}

/**
 * Runs before anything is sent: a stored secret goes only where its owner meant it to go.
 * @param values all new values that are not secret
 * @throws {LatchworkError} `invalid_input` with a fault for each stored secret that must be given again
 */
export function demandSecrets(
  method: MethodDefinition,
  row: CredentialRow,
  values: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): void {
  const redirecting = redirectingFields(method, row.values, values)
  if (redirecting.length === 0) return
  const faults = method.fields
    .filter(({ name, kind }) => kind === 'secret' && hasSecret(row, name) && given[name] === undefined)
    .map((secret) => ({
      field: `values.${secret.name}`,
      rule: 'again',
      message: whySecretAgain(secret, redirecting),
    }))
  if (faults.length > 0) throw invalidInput(faults)
}

/**
 * The stored secrets, replaced by those that were given.
 * @throws {LatchworkError} `secret_unreadable`, `secret_destination_changed` if one that was not given can't be used
 */
export async function mergeSecrets(
  { vault }: Pick<CredentialParts, 'vault'>,
  method: MethodDefinition,
  row: CredentialRow,
  given: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  // If all secrets were given, stored ones that can't be opened do not matter.
  const isNeeded = Object.keys(row.sealed.fields).some((field) => given[field] === undefined)
  return { ...(isNeeded ? await openSecrets(vault, method, row) : {}), ...given }
}

/** Tries a new client secret by a refresh, and saves it together with the new tokens. */
async function replaceAppSecret(
  parts: ServiceParts,
  row: CredentialRow,
  values: FormValues['values'],
  secrets: FormValues['secrets'],
): Promise<CredentialView> {
  const { stores, refresher, vault } = parts
  if (values['clientId'] !== row.values['clientId']) {
    throw invalidField(
      'values.clientId',
      'fixed',
      'Another OAuth app needs its own credential. Add one, and move what uses this credential.',
    )
  }
  // With the secret in one step, and so in one entry of the audit log.
  const others = sameValues(values, row.values) ? {} : { values }
  const secret = secrets['clientSecret']
  if (secret !== undefined) {
    try {
      if (hasGrantEnded(row)) await proveSecret(parts, row, secret)
      await refresher.refreshWithSecret(row.id, secret)
    } catch (error) {
      if (!(error instanceof LatchworkError)) throw error
      if (error.code === 'oauth_client_rejected') {
        const fault = { field: 'values.clientSecret', rule: error.code, message: error.message }
        throw new LatchworkError(error.code, { errors: [fault] })
      }
      if (error.code !== 'grant_rejected' && error.code !== 'lost_rotation') throw error
      parts.revoker.inBackground(row.id, () => resumeApp(parts, row, secret))
      // Close accepted the app's secret but refused the grant. Authorizing again needs the secret.
      const current = await parts.records.find(row.id)
      const version = current.secretVersion + 1
      const sealed = await vault.reseal(placeOfRow(current), current.sealed, placeOf(row.id, version), {
        clientSecret: new Secret(secret),
      })
      return parts.records.apply(row.id, { ...others, sealed, secretVersion: version }, current.secretVersion)
    }
  }
  if (secret !== undefined) {
    await stores.credentials.update(row.id, { ...others, ...notCheckedSince(parts.clock.now()) })
    parts.revoker.inBackground(row.id, () => resumeApp(parts, row, secret))
  } else if ('values' in others) await stores.credentials.update(row.id, others)
  return parts.records.view(await parts.records.recheck(row.id))
}

/**
 * Proves a client secret for a sign-in that is over and can't be refreshed. Asks Close to end it instead, which needs
 * the app's id and secret as well.
 * @throws {LatchworkError} `oauth_client_rejected`, `unreachable`, `upstream_error`
 */
async function proveSecret(
  { vault, connectors }: Pick<CredentialParts, 'vault' | 'connectors'>,
  row: CredentialRow,
  clientSecret: string,
): Promise<void> {
  const { refreshToken, accessToken } = await vault.openAll(placeOfRow(row), row.sealed)
  const token = (refreshToken ?? accessToken)?.reveal() ?? ''
  const app = { clientId: row.values['clientId'] ?? '', clientSecret }
  const outcome = await revokeGrant(oauthOf(connectors, row).server, app, token)
  if (outcome === 'ended') return
  if (outcome === 'app_refused') throw new LatchworkError('oauth_client_rejected')
  throw new LatchworkError(outcome === 'later' ? 'unreachable' : 'upstream_error')
}
