import {
  type Credential,
  errorCatalogue,
  type Identity,
  isErrorCode,
  isOtherAccount,
  type Reason,
} from '@latchwork/contract'

type Standing = Pick<Credential, 'secretsSet' | 'reason' | 'accessTokenExpiresAt' | 'updatedAt'>

/** An access token is stored: somebody granted access. */
export function isAuthorized(credential: Pick<Credential, 'secretsSet'>): boolean {
  return credential.secretsSet.includes('accessToken')
}

/** What went wrong in an authorization that ended with `result`, in the server's words where it has some. */
export function outcomeReason(result: string, credential: Pick<Credential, 'reason'> | null): Reason | null {
  if (result === 'ok') return null
  if (credential?.reason?.code === result) return credential.reason
  return {
    code: result,
    message: isErrorCode(result) ? errorCatalogue[result].title : errorCatalogue.oauth_failed.title,
  }
}

/**
 * Whether an authorization has ended, judged by the credential alone: `before` is how it stood when the
 * person was sent to the other system. Null while nothing has happened.
 */
export function outcomeFromChange(before: Standing, now: Standing): 'ok' | string | null {
  if (now.reason?.code === 'oauth_pending') return null
  const tokensChanged = now.accessTokenExpiresAt !== before.accessTokenExpiresAt
  if (isAuthorized(now) && (tokensChanged || !isAuthorized(before))) return 'ok'
  const reasonChanged = now.reason !== null && now.updatedAt !== before.updatedAt
  return reasonChanged && now.reason !== null ? now.reason.code : null
}

/** How the Close user that a credential would act for compares with the one that it acts for now. */
export type Comparison = 'same' | 'other_user' | 'other_organization' | 'unknown'

export function compareIdentities(before: Identity | null, after: Identity): Comparison {
  if (before === null) return 'unknown'
  if (!isOtherAccount(before, after)) return 'same'
  return before.organizationId === after.organizationId ? 'other_user' : 'other_organization'
}
