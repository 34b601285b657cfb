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

/** A request from a terminal is shown for this long, which is longer than the terminal may wait. */
const askedForMs = 3_600_000

interface ConsentParts {
  readonly authentication: Pick<Authentication, 'users'>
  readonly now: () => Promise<Date>
}

/** The owner of the credential to authorize, who asked for it, and the application. */
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
 * Refuses to put one person's tokens into another's credential, unless the person has confirmed its owner.
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
 * Whether the person who began an authorization may finish it. They must still be a member, signed in by the same
 * session or API token, and be allowed to change the credential. Its owner must be the one they knew of.
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
