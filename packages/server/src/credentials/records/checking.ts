import {
  type Connector,
  type ConnectorContext,
  type CredentialAccess,
  failedCheck,
} from '@latchwork/connectors'
import {
  type CheckResult,
  errorCatalogue,
  type Identity,
  isErrorCode,
  LatchworkError,
} from '@latchwork/contract'

/** Asks the other system whom the credential acts for. Errors about the credential become a result. */
export async function runCheck(
  connector: Connector,
  access: CredentialAccess,
  context: ConnectorContext,
): Promise<CheckResult> {
  if (connector.check === undefined) return { status: 'verified', identity: null, reason: null }
  const limit = Promise.withResolvers<never>()
  const expire = () => limit.reject(context.signal.reason)
  context.signal.addEventListener('abort', expire)
  if (context.signal.aborted) expire()
  try {
    // Waiting for a token that another process renews may take longer than a person waits.
    return await Promise.race([connector.check(access, context), limit.promise])
  } catch (error) {
    if (isTimeout(error)) return { status: 'unverified', identity: null, reason: tooSlow }
    if (context.signal.aborted) return failedCheck(new LatchworkError('unreachable'))
    if (!(error instanceof LatchworkError) || error.code === 'secret_unreadable') throw error
    return failedCheck(error)
  } finally {
    context.signal.removeEventListener('abort', expire)
  }
}

export const tooSlow = {
  code: 'unreachable',
  message: 'The other system gave no answer in time. Check again in a minute.',
} as const

/** The time-out of the context, which some connectors pass on unchanged. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}

/** Turns a failed check into the error of the request that would have stored the credential. It names the field. */
export function checkFailed({ reason }: CheckResult): LatchworkError {
  const reported = reason?.code ?? 'upstream_error'
  const code = isErrorCode(reported) ? reported : 'upstream_error'
  const message = reason?.message ?? errorCatalogue[code].title
  const field = reason?.field
  return new LatchworkError(code, {
    message,
    ...(field === undefined ? {} : { errors: [{ field: `values.${field}`, rule: code, message }] }),
  })
}

/**
 * Names both accounts, in words and as data, so that a person can decide.
 * @param what what belongs to the other account, e.g. `key`
 */
export function identityChanged(
  what: string,
  pinned: Identity | null,
  answered: Identity | null,
): LatchworkError {
  const follows =
    pinned?.organizationId === answered?.organizationId
      ? 'Another user may read and write other things.'
      : "Flows would read and write another account's data."
  return new LatchworkError('identity_changed', {
    message: `This ${what} belongs to ${accountName(answered)}, but the credential was made for ${accountName(pinned)}. ${follows}`,
    accounts: { pinned, answered },
  })
}

function accountName(identity: Identity | null): string {
  if (identity === null) return 'an unknown account'
  const { organizationName, userName, userEmail } = identity
  const names = userEmail === userName ? [userName] : [userName, userEmail && `(${userEmail})`]
  const who = names.filter((name) => name !== '').join(' ')
  return who === '' ? organizationName : `${who} in ${organizationName}`
}
