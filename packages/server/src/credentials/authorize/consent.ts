import {
  type AuthorizationDetails,
  errorCatalogue,
  isErrorCode,
  LatchworkError,
  type Reason,
  type User,
} from '@latchwork/contract'
import { toTimeOrNull } from '../../database/columns.ts'
import type { Authentication } from '../../identity/authentication.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import type { AuthorizationRow } from '../store/authorizations.ts'
import type { CredentialRow } from '../store/row.ts'

/** What was asked for from a terminal is spoken of for as long as the terminal may wait, and some more. */
const askedForMs = 3_600_000

interface ConsentParts {
  readonly authentication: Pick<Authentication, 'users'>
  readonly now: () => Promise<Date>
}

/** Whose credential an authorization is for, who asked for it, and for which application. */
export async function authorizationDetails(
  { authentication, now }: ConsentParts,
  row: CredentialRow,
): Promise<AuthorizationDetails> {
  const askedMs = row.askedAt ?? 0
  const wasAsked = row.askedBy !== null && (await now()).getTime() - askedMs < askedForMs
  // A draft waits because its maker wants it authorized.
  const [askerId, askedAt] = wasAsked
    ? [row.askedBy, row.askedAt]
    : row.status === 'draft'
      ? [row.ownerId, row.createdAt]
      : [null, null]
  const people = await authentication.users([row.ownerId, ...(askerId === null ? [] : [askerId])])
  const person = (id: string) => {
    const { name = '', email = '' } = people.get(id) ?? {}
    return { id, name, email }
  }
  return {
    owner: person(row.ownerId),
    asker: askerId === null ? null : person(askerId),
    askedAt: askerId === null ? null : toTimeOrNull(askedAt),
    application: row.values['clientId'] ?? '',
    refusal: wasAsked ? refusalOf(row) : null,
  }
}

function refusalOf({ askedRefusal: code }: CredentialRow): Reason | null {
  if (code === null) return null
  return { code, message: isErrorCode(code) ? errorCatalogue[code].title : code }
}

/**
 * Tokens of one person in another's credential: only if whoever grants them has said that they know whose it is.
 * @throws {LatchworkError} `authorization_for_another`, naming owner, asker and application
 */
export async function requireKnownOwner(
  parts: ConsentParts,
  row: CredentialRow,
  user: User,
  confirmedOwner: string | undefined,
): Promise<void> {
  if (row.ownerId === user.id || row.ownerId === confirmedOwner) return
  const { owner, asker, application } = await authorizationDetails(parts, row)
  const asked = asker === null ? '' : ` ${asker.name} (${asker.email}) asked for it.`
  throw new LatchworkError('authorization_for_another', {
    message: `These tokens will belong to the credential of ${owner.name} (${owner.email}), through the OAuth app ${application}.${asked} Go on only if you mean to give ${owner.name} this access.`,
  })
}

/**
 * Whether whoever began an authorization may finish it: they are still a member, signed in by the same session or API
 * token, and may change the credential, which has the owner whom they knew of.
 */
export async function mayFinish(
  {
    authentication,
    rules,
  }: { readonly authentication: Pick<Authentication, 'stillThere'>; readonly rules: AccessRules },
  begun: Pick<AuthorizationRow, 'userId' | 'begunBy' | 'ownerId'>,
  row: CredentialRow,
): Promise<boolean> {
  const user = await authentication.stillThere(begun.userId, begun.begunBy)
  if (user === null || row.ownerId !== begun.ownerId) return false
  return rules.may(memberOf(user), 'admin', { kind: 'credential', id: row.id })
}
