import {
  type CheckResult,
  type ErrorCode,
  errorCatalogue,
  isOtherAccount,
  LatchworkError,
} from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { identityChanged } from '../records/checking.ts'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import { draftTtlMs } from '../service/drafts.ts'
import type { AuthorizationRow } from '../store/authorizations.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import { oauthOf } from '../tokens/oauth-server.ts'
import { type Grant, tokensOf } from '../tokens/token-answer.ts'
import type { OAuthApp } from '../tokens/token-call.ts'
import { type CallbackOutcome, exchangeCode } from '../tokens/token-client.ts'
import { type AuthorizationParts, appOf, verifierPlace } from './authorization-parts.ts'
import { mayFinish } from './consent.ts'

/** Finishes an authorization once the browser is back from Close. */
export async function settle(
  parts: AuthorizationParts,
  taken: AuthorizationRow,
  query: URLSearchParams,
  state: string,
): Promise<ErrorCode | 'ok'> {
  const { stores, vault, connectors, redirectUri } = parts
  const found = await stores.credentials.find(taken.credentialId)
  const row = found ?? (await stores.deleted.find(taken.credentialId))
  if (row === null) {
    await parts.onResult?.(taken, 'credential_not_found')
    return 'credential_not_found'
  }
  const verifier = await vault.open(verifierPlace(taken.stateHash), taken.sealedVerifier, 'verifier')
  const app = await appOf(parts, row)
  const sentAtMs = parts.clock.now()
  const { server, label } = oauthOf(connectors, row)
  const callback = { query, state, verifier: verifier.reveal() }
  const outcome = await exchangeCode(server, app, redirectUri, callback, { clock: parts.clock })
  const withdraw = async (withdrawn: ErrorCode): Promise<ErrorCode> => {
    // The exchange of the code has made a grant at Close, which is ended there.
    if (outcome.kind === 'granted') await giveBack(parts, row, app, outcome.grant)
    await conclude(parts, taken, withdrawn, async () => {
      // The terminal that asked for it is waiting.
      if (row.askedBy !== null) await stores.credentials.update(row.id, { askedRefusal: withdrawn })
    })
    return withdrawn
  }
  if (found === null) return withdraw('credential_not_found')
  if (!(await mayFinish(parts, taken, row))) return withdraw('authorization_withdrawn')
  if (outcome.kind !== 'granted') {
    const code = outcomeCode(outcome)
    const message = code === 'unreachable' ? unreachable(label, server.tokenUrl) : errorCatalogue[code].title
    await conclude(parts, taken, code, () => noteOutcome(parts, row, code, message))
    return code
  }
  const refusal = await accept(parts, row, outcome.grant, sentAtMs, taken)
  if (refusal === null) return 'ok'
  if (refusal.code === 'authorization_withdrawn') return withdraw(refusal.code)
  await conclude(parts, taken, refusal.code, () => noteOutcome(parts, row, refusal.code, refusal.message))
  await giveBack(parts, row, app, outcome.grant)
  return refusal.code
}

async function giveBack(
  parts: AuthorizationParts,
  row: CredentialRow,
  { clientSecret }: OAuthApp,
  grant: Grant,
): Promise<void> {
  const secrets = { clientSecret: new Secret(clientSecret), ...tokensOf(grant) }
  await parts.revoker.revokeTokens(row, row.values, secrets)
}

/** Checks whose the new tokens are and saves them. Returns why they were not saved; null if they were. */
async function accept(
  parts: AuthorizationParts,
  row: CredentialRow,
  grant: Grant,
  sentAtMs: number,
  taken: AuthorizationRow,
): Promise<LatchworkError | null> {
  const result = await parts.credentials.checkTokens(row, grant)
  if (result.status === 'failed') return refusalOf(result)

  const saving = { grant, sentAtMs, result }
  const replaced = await conclude(parts, taken, 'ok', () => save(parts, row, taken, saving))
  if (replaced instanceof LatchworkError) return replaced
  parts.revoker.revokeInBackground(replaced)
  return null
}

/** The refusal if the new tokens act for another account than the credential is pinned to, and nobody has confirmed it. */
function refusalOfAccount(
  row: CredentialRow,
  grant: Grant,
  result: CheckResult,
  { confirmIdentityChange }: AuthorizationRow,
): LatchworkError | null {
  const pinned = row.status === 'draft' ? null : row.identity
  const other =
    result.identity === null
      ? // Close could not be asked, but its token answer names the chosen organization.
        pinned !== null && grant.organizationId !== pinned.organizationId
      : isOtherAccount(pinned, result.identity)
  return other && !confirmIdentityChange ? identityChanged('sign-in', pinned, result.identity) : null
}

/** Writes the outcome and reports the result in one unit of work. Nothing is reported if `write` answers an error. */
function conclude<T>(
  parts: AuthorizationParts,
  taken: AuthorizationRow,
  result: ErrorCode | 'ok',
  write: () => Promise<T>,
): Promise<T> {
  return parts.stores.database.atomically(async () => {
    const written = await write()
    if (!(written instanceof LatchworkError)) await parts.onResult?.(taken, result)
    return written
  })
}

/**
 * Saves both tokens, the account and the status in one statement, guarded by the secret version. The right and the pinned
 * account are compared once more: both may have changed while Close was asked. Returns the replaced row, whose grant must
 * be ended, or why nothing was written.
 */
async function save(
  parts: AuthorizationParts,
  row: CredentialRow,
  taken: AuthorizationRow,
  { grant, sentAtMs, result }: { grant: Grant; sentAtMs: number; result: CheckResult },
): Promise<CredentialRow | LatchworkError> {
  const { stores, vault } = parts
  const sinceMs = (await stores.now()).getTime()
  for (let current: CredentialRow | null = row; current !== null; ) {
    if (!(await mayFinish(parts, taken, current))) return new LatchworkError('authorization_withdrawn')
    const refusal = refusalOfAccount(current, grant, result, taken)
    if (refusal !== null) return refusal
    const version = current.secretVersion + 1
    const draft = current.status === 'draft'
    const change: CredentialChange = {
      sealed: await vault.reseal(placeOfRow(current), current.sealed, placeOf(row.id, version), {
        accessToken: new Secret(grant.accessToken),
        // Without a refresh token the grant ends with its access token. A stored one belongs to another grant.
        refreshToken: grant.refreshToken === null ? null : new Secret(grant.refreshToken),
      }),
      secretVersion: version,
      generation: current.generation + 1,
      secretSince: sinceMs,
      grantedScope: grant.scope,
      accessTokenExpiresAt: sentAtMs + grant.expiresInSeconds * 1000,
      status: draft ? 'draft' : result.status,
      reasonCode: result.reason?.code ?? null,
      reasonMessage: result.reason?.message ?? null,
      statusAt: parts.clock.now(),
      identity: result.identity ?? (draft ? null : current.identity),
      draftExpiresAt: draft ? parts.clock.now() + draftTtlMs : undefined,
    }
    if ((await stores.credentials.update(row.id, change, current.secretVersion)) !== null) return current
    const next = await stores.credentials.find(row.id)
    // Another secret may have changed meanwhile. A row that did not change at all was deleted.
    current = next?.secretVersion === current.secretVersion ? null : next
  }
  return new LatchworkError('conflict')
}

/**
 * Stores why an authorization failed, for the page to read. A saved credential keeps its status. A failed one also
 * keeps its reason code, which says that it must be authorized.
 */
export async function noteOutcome(
  parts: AuthorizationParts,
  row: CredentialRow,
  code: ErrorCode,
  message: string,
): Promise<void> {
  await parts.stores.credentials.update(row.id, {
    reasonCode: row.status === 'failed' ? undefined : code,
    reasonMessage: message,
    draftExpiresAt: row.status === 'draft' ? parts.clock.now() + draftTtlMs : undefined,
  })
  if (code !== 'oauth_pending') {
    parts.log.info({ credential: row.id, code }, 'an authorization failed')
  }
}

function unreachable(label: string, tokenUrl: string): string {
  const { host } = new URL(tokenUrl)
  return `We couldn't reach ${label} (${host}). Nothing was changed. Authorize again in a moment.`
}

function refusalOf(result: CheckResult): LatchworkError {
  const account = result.reason?.code === 'account_refused'
  return new LatchworkError(account ? 'account_refused' : 'oauth_failed', {
    ...(result.reason === null ? {} : { message: result.reason.message }),
  })
}

function outcomeCode(outcome: Exclude<CallbackOutcome, { kind: 'granted' }>): ErrorCode {
  switch (outcome.kind) {
    case 'declined':
      return 'oauth_declined'
    case 'app_refused':
      return 'oauth_client_rejected'
    case 'grant_refused':
      return 'oauth_code_rejected'
    case 'later':
      return outcome.reached ? 'oauth_failed' : 'unreachable'
    case 'in_doubt':
      return outcome.answered ? 'oauth_failed' : 'unreachable'
    case 'refused':
      return 'oauth_failed'
  }
}
