import type { CloseClient, Me } from '@latchwork/close'
import { type CheckResult, type Identity, LatchworkError } from '@latchwork/contract'
import { type FaultFields, failedCheck } from '../failed-check.ts'
import type { CredentialAccess } from '../interface.ts'
import { type CloseContext, closeClientFor } from './close-client.ts'
import { closeFailure } from './failures.ts'

/** The answer about an account is small. */
const settings = { timeoutMs: 10_000, maxAttempts: 2, limits: { answerBytes: 1024 * 1024 } }

const keyFaults: FaultFields = { api_key_rejected: 'apiKey', account_refused: 'apiKey' }

/**
 * Asks Close whom the credential acts for.
 * @see https://developer.close.com/api/resources/users (GET /me/)
 */
export async function checkClose(credential: CredentialAccess, context: CloseContext): Promise<CheckResult> {
  const client = closeClientFor(credential, context, settings)
  try {
    const { identity, permissions } = await askClose(client, credential)
    return { status: 'verified', identity, reason: null, ...permissions }
  } catch (error) {
    context.signal.throwIfAborted()
    const failure = closeFailure(error, credential, context)
    if (!(failure instanceof LatchworkError)) throw failure
    return failedCheck(failure, credential.method === 'api_key' ? keyFaults : {})
  }
}

/**
 * Like `checkClose`, for a use that waits for the answer like for any other.
 * @throws LatchworkError `api_key_rejected`, `grant_rejected`, `account_refused`, `unreachable`, `upstream_rate_limited`,
 *   `upstream_error`
 */
export async function identifyClose(credential: CredentialAccess, context: CloseContext): Promise<Identity> {
  // The request that waits for this answer holds a place of the shared budget: waiting for a second place could deadlock.
  const client = closeClientFor(credential, context, { besideBudget: true })
  try {
    return (await askClose(client, credential)).identity
  } catch (error) {
    context.signal.throwIfAborted()
    throw closeFailure(error, credential, context)
  }
}

async function askClose(client: CloseClient, credential: CredentialAccess) {
  const me = await client.me()
  const organization = await organizationOf(me, credential, client)
  const identity: Identity = {
    organizationId: organization.id,
    organizationName: organization.name,
    userId: me.id,
    userName: [me.first_name, me.last_name].filter((name) => name).join(' '),
    userEmail: me.email,
  }
  return { identity, permissions: permissionsIn(me, organization.id) }
}

/** The permissions of the user's role, if Close tells them. */
function permissionsIn(me: Me, organizationId: string): { permissions?: string[] } {
  const membership = me.memberships?.find((each) => each.organization_id === organizationId)
  const granted = membership?.permissions_granted
  return granted === undefined ? {} : { permissions: [...granted].sort() }
}

/**
 * The one organization that the credential is bound to. A user who belongs to several may be shown with all of them:
 * then the organization pinned before decides, or else a record that every organization has.
 */
async function organizationOf(
  me: Me,
  credential: CredentialAccess,
  client: CloseClient,
): Promise<{ id: string; name: string }> {
  const [first, ...others] = me.organizations
  if (first === undefined) {
    throw new LatchworkError('account_refused', {
      message: 'This Close user belongs to no organization. Use a key of a user who does.',
    })
  }
  if (others.length === 0) return first
  const statuses = await client.leadStatuses.list({ _limit: 1 })
  const id = statuses.data[0]?.organization_id ?? credential.organizationId
  const found = me.organizations.find((organization) => organization.id === id)
  if (found !== undefined) return found
  throw new LatchworkError('upstream_error', {
    message: 'Close names several organizations and does not say which one this credential belongs to.',
  })
}
