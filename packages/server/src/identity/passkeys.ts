import {
  LatchworkError,
  newId,
  type newPasskeySchema,
  type Passkey,
  type passkeyCreationSchema,
  type passkeyProofSchema,
  type passkeyRequestSchema,
  type Rename,
  type User,
} from '@latchwork/contract'
import { hashToken } from '@latchwork/vault'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { z } from 'zod'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { refuseStale } from '../database/stale.ts'
import type { PasskeyRow, PasskeyStore } from './store/passkeys.ts'

/** The time for a person at the browser's dialog. */
export const challengeTtlMs = 5 * 60_000
const mostPasskeys = 20
/** EdDSA, ES256 and RS256: every authenticator has one of them. @see RFC 9053 section 2, RFC 8812 section 2 */
const algorithms = [-8, -7, -257]

/**
 * Passkeys: key pairs whose private half never leaves the person's device or password manager. They work at the public
 * address only. The chosen passkey identifies its owner, so nobody types an email address.
 * @see WebAuthn Level 3, sections 7.1 and 7.2
 */
export class Passkeys {
  readonly #store: PasskeyStore
  readonly #origin: string
  readonly #rpId: string

  constructor(store: PasskeyStore, publicUrl: string) {
    this.#store = store
    this.#origin = publicUrl
    this.#rpId = new URL(publicUrl).hostname
  }

  async list(user: User): Promise<Passkey[]> {
    return (await this.#store.ofUser(user.id)).map(shown)
  }

  /**
   * The options with which the browser makes a passkey.
   * @param boundTo the id of the session that may finish it
   * @throws {LatchworkError} `passkey_limit`
   */
  async begin(user: User, boundTo: string): Promise<z.input<typeof passkeyCreationSchema>> {
    const existing = await this.#store.ofUser(user.id)
    if (existing.length >= mostPasskeys) throw new LatchworkError('passkey_limit')
    const options = await generateRegistrationOptions({
      rpID: this.#rpId,
      rpName: 'Latchwork',
      userID: new TextEncoder().encode(user.id),
      userName: user.email,
      userDisplayName: user.name,
      supportedAlgorithmIDs: algorithms,
      timeout: challengeTtlMs,
    })
    await this.#store.addChallenge(hashToken(options.challenge), bindingOf('add', boundTo), challengeTtlMs)
    const { challenge, user: handle, pubKeyCredParams } = options
    return {
      challenge,
      rp: { id: this.#rpId, name: 'Latchwork' },
      user: handle,
      pubKeyCredParams,
      timeout: challengeTtlMs,
      attestation: 'none',
      excludeCredentials: existing.map(({ credentialId }) => ({ id: credentialId, type: 'public-key' })),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
    }
  }

  /**
   * Checks the passkey that the browser made. The challenge is spent in any case, so this is not part of the
   * transaction that saves the passkey.
   * @throws {LatchworkError} `passkey_refused`
   */
  async check(boundTo: string, response: z.output<typeof newPasskeySchema>): Promise<NewPasskey> {
    const { registrationInfo: made } = await orRefused(() =>
      verifyRegistrationResponse({
        response: { ...response, clientExtensionResults: {} },
        expectedChallenge: (challenge) => this.#take(challenge, 'add', boundTo),
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: algorithms,
      }),
    )
    if (made === undefined) throw new LatchworkError('passkey_refused')
    return {
      credentialId: made.credential.id,
      publicKey: Buffer.from(made.credential.publicKey).toString('base64url'),
      counter: made.credential.counter,
      synced: made.credentialBackedUp,
    }
  }

  /** @throws {LatchworkError} `passkey_taken` */
  async add(user: User, name: string, checked: NewPasskey): Promise<Passkey> {
    const row = await this.#store.insert({ ...checked, id: newId('passkey'), userId: user.id, name })
    if (row === null) throw new LatchworkError('passkey_taken')
    return shown(row)
  }

  /** @throws {LatchworkError} `passkey_not_found`, `conflict` */
  async rename(user: User, id: string, { name, was }: Rename): Promise<Passkey> {
    const before = (await this.list(user)).find((passkey) => passkey.id === id)
    if (before !== undefined) refuseStale(before, was)
    const row = await this.#store.rename(user.id, id, name)
    if (row === null) throw new LatchworkError('passkey_not_found')
    return shown(row)
  }

  /** Returns its name. @throws {LatchworkError} `passkey_not_found` */
  async remove(user: User, id: string): Promise<string> {
    const name = await this.#store.erase(user.id, id)
    if (name === null) throw new LatchworkError('passkey_not_found')
    return name
  }

  /**
   * The options with which the browser signs in.
   * @param boundTo the token in the cookie of the browser that may finish it
   */
  async beginSignIn(boundTo: string): Promise<z.input<typeof passkeyRequestSchema>> {
    const { challenge } = await generateAuthenticationOptions({ rpID: this.#rpId })
    await this.#store.addChallenge(hashToken(challenge), bindingOf('sign-in', boundTo), challengeTtlMs)
    return { challenge, rpId: this.#rpId, timeout: challengeTtlMs, userVerification: 'required' }
  }

  /**
   * Returns the passkey's owner. The challenge is spent in any case.
   * @throws {LatchworkError} `passkey_refused`, the same for an unknown passkey
   */
  async signIn(boundTo: string, response: z.output<typeof passkeyProofSchema>): Promise<string> {
    const passkey = await this.#store.find(response.id)
    if (passkey === null) throw new LatchworkError('passkey_refused')
    const { verified, authenticationInfo: proof } = await orRefused(() =>
      verifyAuthenticationResponse({
        response: { ...response, clientExtensionResults: {} },
        expectedChallenge: (challenge) => this.#take(challenge, 'sign-in', boundTo),
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        credential: {
          id: passkey.credentialId,
          publicKey: Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url')),
          counter: passkey.counter,
        },
      }),
    )
    const { id, counter } = passkey
    const use = { id, counter: proof.newCounter, synced: proof.credentialBackedUp }
    if (!verified || !(await this.#store.use(use, counter))) throw new LatchworkError('passkey_refused')
    return passkey.userId
  }

  #take(challenge: string, purpose: Purpose, boundTo: string): Promise<boolean> {
    return this.#store.takeChallenge(hashToken(challenge), bindingOf(purpose, boundTo))
  }
}

export type NewPasskey = Pick<PasskeyRow, 'credentialId' | 'publicKey' | 'counter' | 'synced'>
type Purpose = 'add' | 'sign-in'

function bindingOf(purpose: Purpose, boundTo: string): string {
  return hashToken(`${purpose}:${boundTo}`)
}

/** The library throws for everything that it does not accept, even for bytes that are no CBOR. */
async function orRefused<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (cause) {
    throw new LatchworkError('passkey_refused', { cause })
  }
}

function shown({ id, name, synced, createdAt, lastUsedAt }: PasskeyRow): Passkey {
  return { id, name, synced, createdAt: toTime(createdAt), lastUsedAt: toTimeOrNull(lastUsedAt) }
}
