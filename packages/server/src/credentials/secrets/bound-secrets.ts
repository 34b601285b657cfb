import { errorCatalogue, LatchworkError, type MethodDefinition, secretDirections } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import type { FormValues } from '../form/form.ts'
import type { CredentialRow } from '../store/row.ts'
import { placeOfRow } from './sealing.ts'

/*
 * If fields of a method decide where its secret goes, the secret is sealed together with them: a row whose host was
 * edited in the database sends nothing to the new host. An OAuth app's secret goes to the token endpoint of the
 * settings, not of its row, and is sealed alone. So is a secret from before this rule, until its next check.
 */

type Method = Pick<MethodDefinition, 'flow' | 'fields'>

/** No form accepts a control character, so no secret begins with one. */
const mark = '\u0001'
const boundSchema = z.object({ directions: z.record(z.string(), z.string()), secret: z.string() })

function isBinding({ flow, fields }: Method): boolean {
  return flow === 'direct' && fields.some(({ decidesPlace }) => decidesPlace === true)
}

/** The secrets of a form as they are sealed: bound to where they go. */
export function boundSecrets(method: Method, { values, secrets }: FormValues): Record<string, Secret> {
  const directions = secretDirections(method, values)
  const bound = Object.entries(secrets).map(([field, secret]) => [
    field,
    new Secret(isBinding(method) ? mark + JSON.stringify({ directions, secret }) : secret),
  ])
  return Object.fromEntries(bound)
}

/**
 * Takes the secret out of what was sealed.
 * @throws {LatchworkError} `secret_destination_changed` if `values` would send it elsewhere than it was bound to
 */
function unboundSecret(method: Method, values: Readonly<Record<string, string>>, sealed: Secret): string {
  const text = sealed.reveal()
  if (!text.startsWith(mark)) return text
  const { directions, secret } = boundSchema.parse(JSON.parse(text.slice(mark.length)))
  const now = secretDirections(method, values)
  const changed = Object.keys(directions).filter((name) => directions[name] !== now[name])
  if (changed.length === 0) return secret
  const { title } = errorCatalogue.secret_destination_changed
  throw new LatchworkError('secret_destination_changed', {
    message: `${title} Changed: ${changed.join(', ')}.`,
  })
}

/**
 * Opens one secret of a row.
 * @throws {LatchworkError} `secret_unreadable`, `secret_destination_changed`
 */
export async function openSecret(
  vault: Pick<Vault, 'open'>,
  method: Method,
  row: CredentialRow,
  field: string,
): Promise<string> {
  return unboundSecret(method, row.values, await vault.open(placeOfRow(row), row.sealed, field))
}

/** Opens all secrets of a row. Throws as `openSecret`. */
export async function openSecrets(
  vault: Pick<Vault, 'openAll'>,
  method: Method,
  row: CredentialRow,
): Promise<Record<string, string>> {
  return unboundSecrets(method, row.values, await vault.openAll(placeOfRow(row), row.sealed))
}

export function unboundSecrets(
  method: Method,
  values: Readonly<Record<string, string>>,
  opened: Readonly<Record<string, Secret>>,
): Record<string, string> {
  const secrets = Object.entries(opened).map(([field, secret]) => [
    field,
    unboundSecret(method, values, secret),
  ])
  return Object.fromEntries(secrets)
}

/** Binds the secrets of a row that were sealed alone and seals them again for this version. Null if all are bound. */
export async function bindStored(
  vault: Vault,
  method: Method,
  row: CredentialRow,
): Promise<CredentialRow['sealed'] | null> {
  if (!isBinding(method)) return null
  const opened = await vault.openAll(placeOfRow(row), row.sealed)
  if (Object.values(opened).every((secret) => secret.reveal().startsWith(mark))) return null
  const secrets = unboundSecrets(method, row.values, opened)
  return vault.seal(placeOfRow(row), boundSecrets(method, { values: { ...row.values }, secrets }))
}
