import { type CloseErrorCode, isCloseError, refusingStatus } from '@latchwork/close'
import { type ErrorCode, errorCatalogue, LatchworkError } from '@latchwork/contract'
import type { CredentialAccess } from '../interface.ts'
import type { CloseContext } from './close-client.ts'

const codes: Readonly<Record<Exclude<CloseErrorCode, 'unauthorized'>, ErrorCode>> = {
  forbidden: 'account_refused',
  plan_limit: 'account_refused',
  not_found: 'upstream_refused',
  invalid: 'upstream_refused',
  rate_limited: 'upstream_rate_limited',
  server_error: 'upstream_error',
  too_large: 'upstream_error',
  unreachable: 'unreachable',
  in_doubt: 'upstream_error',
}

/** Turns an error of the Close client into one of the catalogue; other errors come back unchanged. */
export function closeFailure(
  error: unknown,
  credential: Pick<CredentialAccess, 'method'>,
  context: Pick<CloseContext, 'apiUrl'>,
): unknown {
  if (!isCloseError(error)) return error
  if (error.code === 'unauthorized') {
    const code = credential.method === 'oauth2' ? 'grant_rejected' : 'api_key_rejected'
    return new LatchworkError(code, { message: errorCatalogue[code].title, cause: error })
  }
  const proxy = refusingStatus(error.message)
  const why = proxy === null ? '.' : `: the proxy on the way there answered ${proxy}.`
  const message =
    error.code === 'unreachable'
      ? `We couldn't reach Close (${new URL(context.apiUrl).host})${why}`
      : error.message
  const { retryAfterSeconds, status = 0 } = error
  // A redirect is a wrong address: it will not pass.
  const code = status >= 300 && status < 400 ? 'upstream_refused' : codes[error.code]
  return new LatchworkError(code, {
    message,
    cause: error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}
