import type { Clock } from '@latchwork/connectors'
import {
  type AuthorizationDetails,
  type CheckResult,
  type ErrorCode,
  errorCatalogue,
  invalidField,
  isOtherAccount,
  LatchworkError,
  type User,
} from '@latchwork/contract'
import { hashToken, newRandomToken, Secret, sameHash, type Vault } from '@latchwork/vault'
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'
import type { Database } from '../../database/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Authentication } from '../../identity/authentication.ts'
import type { AccessRules } from '../../identity/rules.ts'
import type { Logger } from '../../logging/logger.ts'
import { identityChanged } from '../form/checking.ts'
import type { Revoker } from '../refresh/revoking.ts'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import { draftTtlMs } from '../service/drafts.ts'
import type { Credentials } from '../service/service.ts'
import type { AuthorizationRow, AuthorizationStore } from '../store/authorizations.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { DeletedCredentialStore } from '../store/deleted.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import { type Connectors, oauthOf } from '../tokens/oauth-server.ts'
import { type Grant, tokensOf } from '../tokens/token-answer.ts'
import {
  authorizationUrl,
  type CallbackOutcome,
  exchangeCode,
  type OAuthApp,
} from '../tokens/token-client.ts'
import { authorizationDetails, mayFinish, requireKnownOwner } from './consent.ts'
import { ownPath, withOutcome } from './return-to.ts'

/** From Authorize to the callback: enough to choose an organization, too little to be found later. */
export const authorizationTtlMs = 10 * 60_000
const donePage = '/oauth/done'

export interface AuthorizationParts {
  readonly stores: {
    readonly authorizations: AuthorizationStore
    readonly credentials: CredentialStore
    readonly database: Database
    readonly deleted: DeletedCredentialStore
    now(): Promise<Date>
  }
  readonly vault: Vault
  readonly credentials: Credentials
  readonly authentication: Pick<Authentication, 'users' | 'stillThere'>
  readonly rules: AccessRules
  readonly revoker: Revoker
  /** Each names the OAuth server where its credentials are authorized. */
  readonly connectors: Connectors
  /** Where the server sends browsers back to, as registered with every OAuth app. */
  readonly redirectUri: string
  readonly publicUrl: string
  readonly clock: Clock
  readonly log: Logger
  /** Told what came of each authorization that came back from Close, in the unit of work that saves it. */
  readonly settled?: (
    authorization: Pick<AuthorizationRow, 'credentialId' | 'userId' | 'ownerId'>,
    result: ErrorCode | 'ok',
  ) => Promise<void>
}

interface Begin {
  readonly returnTo: string
  readonly display: 'popup' | 'page'
  readonly confirmIdentityChange: boolean
  /** Of another's credential: whose it is, known to whoever begins. */
  readonly confirmOwner?: string | undefined
  /** The secret that binds the authorization to this browser. */
  readonly browserToken: string
}

/**
 * The three-legged authorization. All that it needs to remember is in the database, so that it survives a restart
 * between its two halves.
 *
 * begin:    `state` and the PKCE verifier are made; the state is kept as a hash beside the hash of a cookie.
 * complete: the state is taken out (once), must be of this browser, and the code is exchanged; whoever began it must
 *           still be allowed to; then the new tokens are checked, compared with the pinned account, and saved in one
 *           statement. The grant that they replace is ended at Close, and so is a new one that is not kept.
 *
 * Whatever goes wrong ends in a redirect to a page of ours with a code of the error catalogue.
 * @see RFC 9700 sections 2.1 and 4.7
 */
export class Authorization {
  readonly #parts: AuthorizationParts

  constructor(parts: AuthorizationParts) {
    this.#parts = parts
  }

  /**
   * The address of the page of the OAuth server to send the browser to.
   * @throws {LatchworkError} `credential_not_found`, `forbidden`, `method_unknown`, `authorization_for_another`,
   * `invalid_input` while the OAuth app's fields are missing
   */
  async begin(id: string, { user, proof }: Pick<Caller, 'user' | 'proof'>, options: Begin): Promise<string> {
    const { stores, vault, credentials, connectors, redirectUri, publicUrl } = this.#parts
    const returnTo = ownPath(options.returnTo, publicUrl)
    const { row, method } = await credentials.forAuthorization(id, user)
    await requireKnownOwner(this.#consent, row, user, options.confirmOwner)
    for (const field of method.fields) {
      const stored = field.name in row.values || field.name in row.sealed.fields
      if (field.required && !stored) {
        throw invalidField(`values.${field.name}`, 'required', `${field.label} is required.`)
      }
    }
    const state = newRandomToken()
    const verifier = randomPKCECodeVerifier()
    const stateHash = hashToken(state)
    const now = await stores.now()
    await stores.authorizations.insert({
      stateHash,
      credentialId: id,
      userId: user.id,
      begunBy: proof,
      ownerId: row.ownerId,
      browserHash: hashToken(options.browserToken),
      sealedVerifier: await vault.seal(verifierPlace(stateHash), { verifier: new Secret(verifier) }),
      returnTo,
      display: options.display,
      confirmIdentityChange: options.confirmIdentityChange,
      expiresAt: new Date(now.getTime() + authorizationTtlMs).toISOString(),
    })
    if (row.status === 'draft') {
      // Who is on Close's page now shall not find the draft gone on return.
      await this.#record(row, 'oauth_pending', errorCatalogue.oauth_pending.title)
    }
    const app = await this.#app(row)
    return authorizationUrl(oauthOf(connectors, row).server, app, redirectUri, {
      state,
      challenge: await calculatePKCECodeChallenge(verifier),
      scope: row.values['scope'] ?? '',
    })
  }

  /**
   * Whose credential it is for, who asked, and for which application.
   * @throws {LatchworkError} `credential_not_found`, `forbidden`, `method_unknown`
   */
  async metadata(id: string, user: User): Promise<AuthorizationDetails> {
    const { row } = await this.#parts.credentials.forAuthorization(id, user)
    return authorizationDetails(this.#consent, row)
  }

  /** Notes who asks for it, and answers the page where it begins. Throws as `facts`. */
  async ask(id: string, user: User): Promise<{ url: string }> {
    const { stores, publicUrl, credentials } = this.#parts
    await credentials.forAuthorization(id, user)
    const askedAt = (await stores.now()).toISOString()
    await stores.credentials.update(id, { askedBy: user.id, askedAt, askedRefusal: null })
    return { url: `${publicUrl}/authorize/${id}` }
  }

  /** Takes the callback's query and the browser's cookie; answers the path to redirect to. Throws only for faults of ours. */
  async complete(query: URLSearchParams, browserToken: string | undefined): Promise<string> {
    const { stores, publicUrl } = this.#parts
    const states = query.getAll('state')
    const state = states.length === 1 ? states[0] : undefined
    const taken = state === undefined ? null : await stores.authorizations.take(hashToken(state))
    const foreign = browserToken === undefined || taken?.browserHash === undefined
    if (
      taken === null ||
      state === undefined ||
      foreign ||
      !sameHash(taken.browserHash, hashToken(browserToken))
    ) {
      return withOutcome(donePage, publicUrl, { result: 'oauth_state_unknown' })
    }
    const result = await this.#settle(taken, query, state)
    return taken.display === 'popup'
      ? withOutcome(donePage, publicUrl, { credential: taken.credentialId, result })
      : withOutcome(taken.returnTo, publicUrl, { draft: taken.credentialId, result })
  }

  async #settle(taken: AuthorizationRow, query: URLSearchParams, state: string): Promise<ErrorCode | 'ok'> {
    const { stores, vault, connectors, redirectUri } = this.#parts
    const found = await stores.credentials.find(taken.credentialId)
    const row = found ?? (await stores.deleted.find(taken.credentialId))
    if (row === null) {
      await this.#parts.settled?.(taken, 'credential_not_found')
      return 'credential_not_found'
    }
    const verifier = await vault.open(verifierPlace(taken.stateHash), taken.sealedVerifier, 'verifier')
    const app = await this.#app(row)
    const sentAtMs = this.#parts.clock.now()
    const { server, label } = oauthOf(connectors, row)
    const callback = { query, state, verifier: verifier.reveal() }
    const outcome = await exchangeCode(server, app, redirectUri, callback)
    const withdrawn =
      found === null
        ? 'credential_not_found'
        : (await mayFinish(this.#parts, taken, row))
          ? null
          : 'authorization_withdrawn'
    if (withdrawn !== null) {
      // The code was exchanged all the same: what the person allowed at Close is ended there.
      if (outcome.kind === 'granted') await this.#giveBack(row, app, outcome.grant)
      await this.#conclude(taken, withdrawn, async () => {
        // A terminal that asked for it is waiting.
        if (row.askedBy !== null) await stores.credentials.update(row.id, { askedRefusal: withdrawn })
      })
      return withdrawn
    }
    if (outcome.kind !== 'granted') {
      const code = outcomeCode(outcome)
      const message =
        code === 'unreachable' ? unreachable(label, server.tokenUrl) : errorCatalogue[code].title
      await this.#conclude(taken, code, () => this.#record(row, code, message))
      return code
    }
    const refusal = await this.#accept(row, outcome.grant, sentAtMs, taken)
    if (refusal === null) return 'ok'
    await this.#conclude(taken, refusal.code, () => this.#record(row, refusal.code, refusal.message))
    await this.#giveBack(row, app, outcome.grant)
    return refusal.code
  }

  async #giveBack(row: CredentialRow, { clientSecret }: OAuthApp, grant: Grant): Promise<void> {
    const secrets = { clientSecret: new Secret(clientSecret), ...tokensOf(grant) }
    await this.#parts.revoker.end(row, row.values, secrets)
  }

  /** Checks whose the new tokens are and saves them; answers why they were not. */
  async #accept(
    row: CredentialRow,
    grant: Grant,
    sentAtMs: number,
    taken: AuthorizationRow,
  ): Promise<LatchworkError | null> {
    const result = await this.#parts.credentials.checkTokens(row, grant)
    if (result.status === 'failed') return refusalOf(result)

    const pinned = row.status === 'draft' ? null : row.identity
    const other =
      result.identity === null
        ? // Close could not be asked; its token answer still said which organization was chosen.
          pinned !== null && grant.organizationId !== pinned.organizationId
        : isOtherAccount(pinned, result.identity)
    if (other && !taken.confirmIdentityChange) {
      return identityChanged('sign-in', pinned, result.identity)
    }
    const replaced = await this.#conclude(taken, 'ok', () => this.#save(row, grant, sentAtMs, result))
    if (replaced === false) return new LatchworkError('conflict')
    this.#parts.revoker.revokeInBackground(replaced)
    return null
  }

  /** What came of it and who is told of that are one; false: nothing was written. */
  #conclude<T>(taken: AuthorizationRow, result: ErrorCode | 'ok', write: () => Promise<T>): Promise<T> {
    return this.#parts.stores.database.atomically(async () => {
      const written = await write()
      if (written !== false) await this.#parts.settled?.(taken, result)
      return written
    })
  }

  /**
   * One statement for both tokens, the account and the status, guarded by the secret version. Answers the row that they
   * replaced, whose grant is to be ended; false if nothing was written.
   */
  async #save(
    row: CredentialRow,
    grant: Grant,
    sentAtMs: number,
    result: CheckResult,
  ): Promise<CredentialRow | false> {
    const { stores, vault } = this.#parts
    const since = (await stores.now()).toISOString()
    for (let current: CredentialRow | null = row; current !== null; ) {
      const version = current.secretVersion + 1
      const draft = current.status === 'draft'
      const change: CredentialChange = {
        sealed: await vault.reseal(placeOfRow(current), current.sealed, placeOf(row.id, version), {
          accessToken: new Secret(grant.accessToken),
          // Without one the grant ends with its access token; an old one belongs to another grant.
          refreshToken: grant.refreshToken === null ? null : new Secret(grant.refreshToken),
        }),
        secretVersion: version,
        generation: current.generation + 1,
        secretSince: since,
        grantedScope: grant.scope,
        accessTokenExpiresAt: new Date(sentAtMs + grant.expiresInSeconds * 1000).toISOString(),
        status: draft ? 'draft' : result.status,
        reasonCode: result.reason?.code ?? null,
        reasonMessage: result.reason?.message ?? null,
        statusAt: new Date(this.#parts.clock.now()).toISOString(),
        identity: result.identity ?? (draft ? null : current.identity),
        ...(draft ? { draftExpiresAt: new Date(this.#parts.clock.now() + draftTtlMs).toISOString() } : {}),
      }
      if ((await stores.credentials.update(row.id, change, current.secretVersion)) !== null) return current
      const next = await stores.credentials.find(row.id)
      // Another secret may have changed meanwhile; a row that did not change at all was deleted.
      current = next?.secretVersion === current.secretVersion ? null : next
    }
    return false
  }

  /**
   * Why an authorization came to nothing, where the page can read it. A saved credential goes on as it was: its status
   * stays, and so does the reason of one that failed, which says that it needs to be authorized.
   */
  async #record(row: CredentialRow, code: ErrorCode, message: string): Promise<void> {
    const failed = row.status === 'failed'
    await this.#parts.stores.credentials.update(row.id, {
      ...(failed ? {} : { reasonCode: code }),
      reasonMessage: message,
      ...(row.status === 'draft'
        ? { draftExpiresAt: new Date(this.#parts.clock.now() + draftTtlMs).toISOString() }
        : {}),
    })
    if (code !== 'oauth_pending') {
      this.#parts.log.info({ credential: row.id, code }, 'an authorization came to nothing')
    }
  }

  get #consent() {
    const { authentication, stores } = this.#parts
    return { authentication, now: () => stores.now() }
  }

  async #app(row: CredentialRow): Promise<OAuthApp> {
    const secret = await this.#parts.vault.open(placeOfRow(row), row.sealed, 'clientSecret')
    return { clientId: row.values['clientId'] ?? '', clientSecret: secret.reveal() }
  }
}

function unreachable(label: string, tokenUrl: string): string {
  const { host } = new URL(tokenUrl)
  return `We couldn't reach ${label} (${host}). Nothing was changed. Authorize again in a moment.`
}

function verifierPlace(stateHash: string) {
  return { table: 'authorizations', rowId: stateHash, version: 1 }
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
