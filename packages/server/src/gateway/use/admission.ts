import type { CredentialAccess } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { hashToken } from '@latchwork/vault'
import type { CredentialRow } from '../../credentials/store/row.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import { amongNetworks } from '../../settings/addresses.ts'
import { Policy } from '../rules/policy.ts'
import type { PassRow, PassStore } from '../store/passes.ts'

export interface AdmissionParts {
  readonly passes: Pick<PassStore, 'find' | 'findByToken'>
  readonly rules: AccessRules
  /** Null for one that was deleted. */
  readonly findCredential: (id: string) => Promise<CredentialRow | null>
  /**
   * Opens a credential for a pass, held to its pinned account.
   * @throws LatchworkError as `Credentials.use`
   */
  readonly open: (credentialId: string, pass: PassRow) => Promise<CredentialAccess>
  readonly clock: { now(): number }
}

/** A pass that may be used now. */
export interface Admitted {
  readonly pass: PassRow
  readonly policy: Policy
  readonly credential: CredentialRow
  /** Whether it may be used from this address. */
  takes(address: string): boolean
  /** Names what Close counts the requests of this credential under. */
  bucket(): Promise<string>
  /** The value of the Authorization header for Close. */
  authorize(): Promise<string>
  /** After Close has refused that value: whether `authorize` now gives another. */
  rejected(sent: string): Promise<boolean>
}

/**
 * What is known of a pass and of all that it rests on is asked of the database again after this time. So a pass that was
 * revoked, and a right that was taken away, end in every process within a second.
 */
const freshMs = 400
/** Passes, and tokens that no pass has, remembered at once. */
const most = 10_000

interface Known {
  readonly atMs: number
  readonly found: Promise<Omit<Admitted, 'bucket' | 'authorize' | 'rejected'> | LatchworkError>
}

interface Opened {
  readonly access: Promise<CredentialAccess>
  readonly secretVersion: number
  bucket: Promise<string> | null
  /** The value that was handed out last, and when. */
  sent: { readonly value: string; readonly secret: string; readonly atMs: number } | null
}

/** Finds the pass of a token, and whether it may be used. */
export class Admission {
  readonly #parts: AdmissionParts
  readonly #known = new Map<string, Known>()
  readonly #opened = new Map<string, Opened>()
  /** The rules of a pass are read once for as long as they stay the same. */
  readonly #policies = new Map<string, { readonly rules: string; readonly policy: Policy }>()

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** @throws {LatchworkError} `pass_unknown`, `pass_revoked`, `pass_expired`, `pass_paused`, `access_withdrawn` */
  async admit(token: string): Promise<Admitted> {
    const hash = hashToken(token)
    return this.#admit(hash, () => this.#parts.passes.findByToken(hash))
  }

  /** A pass without its token, to send what its user has asked for before. @throws {LatchworkError} as `admit` */
  admitPass(id: string): Promise<Admitted> {
    return this.#admit(`id ${id}`, () => this.#parts.passes.find(id))
  }

  async #admit(key: string, find: () => Promise<PassRow | null>): Promise<Admitted> {
    const found = await this.#know(key, find)
    if (found instanceof LatchworkError) throw found
    const { pass, credential } = found
    if (pass.expiresAt !== null && pass.expiresAt <= this.#parts.clock.now())
      throw new LatchworkError('pass_expired')
    const opened = this.#open(pass, credential)
    return {
      ...found,
      bucket: () => orPaused(() => bucketOf(opened)),
      authorize: () => orPaused(() => this.#authorize(opened)),
      rejected: (sent) => {
        const { secret } = opened.sent?.value === sent ? opened.sent : { secret: secretIn(sent) }
        opened.sent = null
        return orPaused(async () => (await opened.access).rejected(secret))
      },
    }
  }

  /** Forgets what is known, so that the next call asks the database. */
  forget(): void {
    this.#known.clear()
  }

  #know(key: string, find: () => Promise<PassRow | null>): Known['found'] {
    const now = this.#parts.clock.now()
    const known = this.#known.get(key)
    if (known !== undefined && now - known.atMs < freshMs && now >= known.atMs) return known.found
    const found = this.#look(find)
    this.#known.delete(key)
    this.#known.set(key, { atMs: now, found })
    const [oldest] = this.#known.keys()
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest)
    // What could not be asked is asked again by the next call.
    found.catch(() => this.#known.delete(key))
    return found
  }

  async #look(find: () => Promise<PassRow | null>): Known['found'] {
    const { rules, findCredential } = this.#parts
    const pass = await find()
    if (pass === null) return new LatchworkError('pass_unknown')
    if (pass.revokedAt !== null) return new LatchworkError('pass_revoked')
    const { id, ownerId, credentialId } = pass
    const [mayUse, credential] = await Promise.all([
      rules.may(memberOf({ id: ownerId }), 'collaborator', { kind: 'credential', id: credentialId }),
      findCredential(credentialId),
    ])
    if (credential === null) {
      return new LatchworkError('pass_paused', {
        message:
          "This pass is paused, because its credential was deleted. Ask the pass's owner to look at it.",
      })
    }
    if (!mayUse) {
      return new LatchworkError('pass_paused', {
        message:
          'This pass is paused: its owner may no longer use its credential. Ask the owner to look at it.',
      })
    }
    // Without the reason: who uses a pass need not be allowed to see the credential.
    if (credential.status === 'failed' || credential.status === 'draft')
      return new LatchworkError('pass_paused')
    const { addresses } = pass.limits
    const takes = addresses.length === 0 ? () => true : amongNetworks(addresses)
    return { pass, credential, policy: this.#policyOf(id, pass), takes }
  }

  #policyOf(id: string, pass: PassRow): Policy {
    const rules = JSON.stringify(pass.rules)
    const known = this.#policies.get(id)
    if (known?.rules === rules) return known.policy
    const policy = new Policy(pass.rules)
    this.#policies.delete(id)
    this.#policies.set(id, { rules, policy })
    const [oldest] = this.#policies.keys()
    if (this.#policies.size > most && oldest !== undefined) this.#policies.delete(oldest)
    return policy
  }

  /** One opened credential serves all calls of a pass, until its secret is replaced. */
  #open(pass: PassRow, { id, secretVersion }: CredentialRow): Opened {
    const key = `${pass.id} ${id}`
    const there = this.#opened.get(key)
    if (there?.secretVersion === secretVersion) return there
    const access = this.#parts.open(id, pass)
    const opened: Opened = { access, secretVersion, bucket: null, sent: null }
    this.#opened.set(key, opened)
    const [oldest] = this.#opened.keys()
    if (this.#opened.size > most && oldest !== undefined) this.#opened.delete(oldest)
    access.catch(() => {
      if (this.#opened.get(key) === opened) this.#opened.delete(key)
    })
    return opened
  }

  async #authorize(opened: Opened): Promise<string> {
    const now = this.#parts.clock.now()
    const { sent } = opened
    if (sent !== null && now >= sent.atMs && now - sent.atMs < freshMs) return sent.value
    const access = await opened.access
    const isToken = access.method === 'oauth2'
    const secret = isToken ? await access.accessToken() : await access.secret('apiKey')
    const value = isToken ? `Bearer ${secret}` : `Basic ${Buffer.from(`${secret}:`).toString('base64')}`
    opened.sent = { value, secret, atMs: now }
    return value
  }
}

/**
 * A credential that stops working between two looks at it is told as one that was found so: who uses a pass need not be
 * allowed to see the reason.
 */
async function orPaused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof LatchworkError) || error.status >= 500 || error.code === 'credential_switched')
      throw error
    throw new LatchworkError('pass_paused', { cause: error })
  }
}

async function bucketOf(opened: Opened): Promise<string> {
  const { access } = opened
  opened.bucket ??= access.then(async (credential) => (await credential.bucket?.()) ?? credential.id)
  return opened.bucket.catch((error: unknown) => {
    opened.bucket = null
    throw error
  })
}

function secretIn(value: string): string {
  const [scheme, rest = ''] = value.split(' ')
  return scheme === 'Bearer' ? rest : Buffer.from(rest, 'base64').toString().slice(0, -1)
}
