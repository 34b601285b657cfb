import { type AuthorizationDetails, errorCatalogue, invalidField, type User } from '@latchwork/contract'
import { hashToken, newRandomToken, Secret, sameHash } from '@latchwork/vault'
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'
import type { Caller } from '../../http/caller.ts'
import { oauthOf } from '../tokens/oauth-server.ts'
import { authorizationUrl } from '../tokens/token-client.ts'
import { type AuthorizationParts, appOf, verifierPlace } from './authorization-parts.ts'
import { authorizationDetails, requireKnownOwner } from './consent.ts'
import { ownPath, withOutcome } from './return-to.ts'
import { noteOutcome, settle } from './settling.ts'

/** The time from Authorize to the callback: enough to choose an organization, too short for a link found later. */
export const authorizationTtlMs = 10 * 60_000
const donePage = '/oauth/done'

interface Begin {
  readonly returnTo: string
  readonly display: 'popup' | 'page'
  readonly confirmIdentityChange: boolean
  /** For another member's credential: its owner's id, confirmed by the person who begins. */
  readonly confirmOwner?: string | undefined
  /** The secret that binds the authorization to this browser. */
  readonly browserToken: string
}

/**
 * The three-legged authorization. All its state is in the database, so that it survives a restart between its two
 * halves.
 *
 * begin:    creates `state` and the PKCE verifier, and stores the state's hash beside the hash of a cookie.
 * complete: takes the state out (once), requires the cookie of this browser, and exchanges the code. The person who
 *           began must still be allowed to finish. The new tokens are checked, compared with the pinned account, and
 *           saved in one statement. The replaced grant is ended at Close, or the new one if it is not saved.
 *
 * Every failure ends in a redirect to one of our own pages, with a code of the error catalogue.
 * @see RFC 9700 sections 2.1 and 4.7
 */
export class Authorization {
  readonly #parts: AuthorizationParts

  constructor(parts: AuthorizationParts) {
    this.#parts = parts
  }

  /**
   * The address of the OAuth server's page, for the browser.
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
      expiresAt: now.getTime() + authorizationTtlMs,
    })
    if (row.status === 'draft') {
      // The draft must not expire while the person is on Close's page.
      await noteOutcome(this.#parts, row, 'oauth_pending', errorCatalogue.oauth_pending.title)
    }
    const app = await appOf(this.#parts, row)
    return authorizationUrl(oauthOf(connectors, row).server, app, redirectUri, {
      state,
      challenge: await calculatePKCECodeChallenge(verifier),
      scope: row.values['scope'] ?? '',
    })
  }

  /**
   * The owner of the credential, who asked for the authorization, and the application.
   * @throws {LatchworkError} `credential_not_found`, `forbidden`, `method_unknown`
   */
  async metadata(id: string, user: User): Promise<AuthorizationDetails> {
    const { row } = await this.#parts.credentials.forAuthorization(id, user)
    return authorizationDetails(this.#consent, row)
  }

  /** Stores who asks for an authorization, and returns the page where it begins. Throws as `metadata`. */
  async ask(id: string, user: User): Promise<{ url: string }> {
    const { stores, publicUrl, credentials } = this.#parts
    await credentials.forAuthorization(id, user)
    const askedAt = (await stores.now()).getTime()
    await stores.credentials.update(id, { askedBy: user.id, askedAt, askedRefusal: null })
    return { url: `${publicUrl}/authorize/${id}` }
  }

  /**
   * Takes the callback's query and the browser's cookie; returns the path to redirect to. Throws only our own faults.
   */
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
    const result = await settle(this.#parts, taken, query, state)
    return taken.display === 'popup'
      ? withOutcome(donePage, publicUrl, { credential: taken.credentialId, result })
      : withOutcome(taken.returnTo, publicUrl, { draft: taken.credentialId, result })
  }

  get #consent() {
    const { authentication, stores } = this.#parts
    return { authentication, now: () => stores.now() }
  }
}
