import type { Clock, Connector, ConnectorContext, CredentialAccess } from '@latchwork/connectors'
import {
  type CheckResult,
  type ErrorCode,
  errorCatalogue,
  type FieldValues,
  isOtherAccount,
  LatchworkError,
  readFields,
  type User,
} from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { AlertStore } from '../../alerts/store.ts'
import type { Database } from '../../database/database.ts'
import type { PageOf } from '../../database/paging.ts'
import { invalidInput, under } from '../../http/input.ts'
import type { Authentication } from '../../identity/authentication.ts'
import type { AccessRules } from '../../identity/rules.ts'
import type { Viewer } from '../../identity/store/viewing.ts'
import type { Logger } from '../../logging/logger.ts'
import type { MemberShares } from '../../shares/limits.ts'
import { findMethod, type KnownMethod } from '../form/method.ts'
import type { Refresher } from '../refresh/refresh.ts'
import { isDead } from '../refresh/refresh-plan.ts'
import type { Revoker } from '../refresh/revoking.ts'
import { bindStored, openSecrets } from '../secrets/bound-secrets.ts'
import type { AuthorizationStore } from '../store/authorizations.ts'
import type { CheckStore } from '../store/checks.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { DeletedCredentialStore } from '../store/deleted.ts'
import type { ListRequest } from '../store/list.ts'
import type { PreviousStore } from '../store/previous.ts'
import type { CredentialChange, CredentialRow } from '../store/row.ts'
import type { UsageStore } from '../store/usage.ts'
import { accountPin, type HeldAccount } from './account-pin.ts'
import type { BucketNames } from './bucket-names.ts'
import { identityChanged, runCheck, tooSlow } from './checking.ts'
import { type AccessParts, type StoredAccess, storedAccess } from './opened-secrets.ts'
import { type CredentialView, credentialView } from './view.ts'

export interface CredentialParts {
  readonly stores: {
    readonly authorizations: AuthorizationStore
    readonly credentials: CredentialStore
    readonly deleted: DeletedCredentialStore
    readonly previous: PreviousStore
    readonly usage: UsageStore
    readonly checks: CheckStore
    readonly alerts: AlertStore
    readonly database: Database
    now(): Promise<Date>
  }
  readonly vault: Vault
  readonly authentication: Authentication
  readonly rules: AccessRules
  /** Deletes a credential and pauses the flows that need it, in one step. */
  deleteUsed(id: string, by: User, flowIds: readonly string[]): Promise<void>
  readonly connectors: ReadonlyMap<string, Connector>
  readonly refresher: Refresher
  readonly revoker: Revoker
  readonly limits: Pick<MemberShares, 'drafts'>
  readonly buckets: BucketNames
  readonly clock: Clock
  readonly log: Logger
}

const checkTimeoutMs = 25_000

/** Finds, shows, changes, opens and checks stored credentials. Each change is one statement. */
export class CredentialRecords {
  readonly #parts: CredentialParts

  constructor(parts: CredentialParts) {
    this.#parts = parts
  }

  async list(query: ListRequest['query'], viewer: Viewer): Promise<PageOf<CredentialView>> {
    const { stores, authentication } = this.#parts
    const { items, ...page } = await stores.credentials.list(query, viewer)
    const [owners, counts] = await Promise.all([
      authentication.users(items.map((row) => row.ownerId)),
      stores.usage.counts(items.map((row) => row.id)),
    ])
    const views = items.map((row) => credentialView(row, owners.get(row.ownerId), counts.get(row.id) ?? 0))
    return { items: views, ...page }
  }

  /** @throws {LatchworkError} `credential_not_found` */
  async find(id: string): Promise<CredentialRow> {
    const row = await this.#parts.stores.credentials.find(id)
    if (row === null) throw new LatchworkError('credential_not_found')
    return row
  }

  /**
   * Like `find`, for a change. The endpoint's rule protects a saved credential; a draft belongs to its maker.
   * @throws {LatchworkError} also `forbidden`
   */
  async findOwn(id: string, user: User): Promise<CredentialRow> {
    const row = await this.find(id)
    const owned = row.ownerId === user.id || user.role === 'admin'
    if (row.status === 'draft' && !owned) throw new LatchworkError('forbidden')
    // The draft of a removed member ends at once; the next sweep erases it.
    if (row.draftExpiresAt !== null && row.draftExpiresAt <= (await this.#parts.stores.now()).getTime())
      throw new LatchworkError('credential_not_found')
    return row
  }

  async view(row: CredentialRow): Promise<CredentialView> {
    const [owners, counts] = await Promise.all([
      this.#parts.authentication.users([row.ownerId]),
      this.#parts.stores.usage.counts([row.id]),
    ])
    return credentialView(row, owners.get(row.ownerId), counts.get(row.id) ?? 0)
  }

  /** @throws {LatchworkError} `name_taken`, and `conflict` if the secret version is no longer the expected one */
  async apply(id: string, change: CredentialChange, expectedVersion?: number): Promise<CredentialView> {
    const saved = await this.#parts.stores.credentials.update(id, change, expectedVersion)
    if (saved === null) throw new LatchworkError('conflict')
    return this.view(saved)
  }

  /** Opens a credential for a check, which finds out whom it acts for. */
  access(row: CredentialRow): StoredAccess {
    return storedAccess(this.#accessParts(), row)
  }

  /** Opens a credential for a use, held to the pinned account. A run is held to the account that it began with. */
  pinnedAccess(row: CredentialRow, context: ConnectorContext, held: HeldAccount | null): StoredAccess {
    const parts = this.#accessParts()
    const { identify } = findMethod(this.#parts.connectors, row.connector, row.method).connector
    if (identify === undefined)
      throw new Error(`${row.connector} has credentials and can't tell whose they are`)
    return storedAccess(parts, row, accountPin({ ...parts, identify, context }, row, held))
  }

  /** Names what the other system counts requests by. @throws {LatchworkError} `secret_unreadable` */
  bucket(row: CredentialRow): Promise<string> {
    const { vault, buckets, methodOf } = this.#accessParts()
    return buckets.of(row, (current) => openSecrets(vault, methodOf(current), current))
  }

  #accessParts(): AccessParts {
    const { stores, vault, refresher, buckets } = this.#parts
    const methodOf = (row: Pick<CredentialRow, 'connector' | 'method'>) =>
      findMethod(this.#parts.connectors, row.connector, row.method).method
    return { store: stores.credentials, vault, refresher, buckets, methodOf }
  }

  /** @throws {LatchworkError} `invalid_input` for values that the connector knows to be wrong; then nothing is sent */
  async check({ connector, method }: KnownMethod, access: CredentialAccess): Promise<CheckResult> {
    const fields = method.fields.filter(({ kind }) => kind !== 'secret')
    const own = (values: FieldValues) => connector.validateCredential?.(method.id, values) ?? {}
    const { faults } = readFields(fields, access.values, { own })
    if (faults.length > 0) throw invalidInput(under('values', faults))
    return runCheck(connector, access, { signal: AbortSignal.timeout(checkTimeoutMs), consumer: 'checks' })
  }

  /** The columns for the result of a check. */
  statusOf(result: CheckResult): CredentialChange {
    return {
      status: result.status,
      reasonCode: result.reason?.code ?? null,
      reasonMessage: result.reason?.message ?? null,
      statusAt: this.#parts.clock.now(),
      ...(result.identity === null ? {} : { identity: result.identity }),
      ...(result.permissions === undefined ? {} : { permissions: result.permissions }),
    }
  }

  /**
   * Checks a saved credential and stores the result. A refusal counts only for the secret that was refused; if it was
   * replaced meanwhile, the new one is checked. Binds a working secret to where it is sent, if it is not bound yet. A
   * credential whose sign-in is over or whose app is refused keeps its reason, and nothing is sent: an access token
   * that lives on for some minutes proves nothing.
   */
  async recheck(id: string): Promise<CredentialRow> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const row = await this.find(id)
      if (isDead(row)) return row
      const access = this.access(row)
      const known = findMethod(this.#parts.connectors, row.connector, row.method)
      const checked = await this.check(known, access)
      const now = checked.status === 'failed' ? await this.find(id) : row
      const result = await this.#sayRenewing(id, withTruerReason(now, checked))
      const isWorking = result.status === 'verified' && access.usedVersion() === row.secretVersion
      const sealed = isWorking ? await bindStored(this.#parts.vault, known.method, row) : null
      const change = { ...this.statusOf(result), ...(sealed === null ? {} : { sealed }) }
      const saved = await this.#parts.stores.credentials.update(id, change, access.usedVersion())
      if (saved !== null) return saved
    }
    throw new LatchworkError('conflict')
  }

  /** A check may time out because of a refresh in another process, or in one that died and still has its lease. */
  async #sayRenewing(id: string, result: CheckResult): Promise<CheckResult> {
    if (result.reason?.message !== tooSlow.message) return result
    const [row, now] = [await this.find(id), await this.#parts.stores.now()]
    const leftMs = row.leaseExpiresAt === null ? 0 : row.leaseExpiresAt - now.getTime()
    if (leftMs <= 0) return result
    const seconds = Math.ceil(leftMs / 1000)
    const message = `This sign-in is being renewed, and there is no answer yet. Check again in ${seconds} s.`
    return { ...result, reason: { code: tooSlow.code, message } }
  }
}

const reasonsOfLostGrant = ['access_revoked', 'lost_rotation', 'oauth_client_rejected'] as const

/** The result of a check, with a better reason if the row says more than the check could know. */
function withTruerReason(row: CredentialRow, checked: CheckResult): CheckResult {
  if (isOtherAccount(row.identity, checked.identity)) return otherAccount(row, checked)
  const because = (code: ErrorCode, message: string = errorCatalogue[code].title) => ({
    ...checked,
    reason: { code, message },
  })
  if (checked.status === 'verified') {
    const lost = row.permissions?.filter((each) => checked.permissions?.includes(each) === false) ?? []
    if (lost.length === 0) return checked
    return because('role_narrowed', `The Close user's role no longer allows: ${lost.join(', ')}.`)
  }
  // Close refuses a mistyped key and a deleted one alike, but this one was accepted before.
  if (checked.reason?.code === 'api_key_rejected' && row.identity !== null) return because('api_key_disabled')
  // The refusal led to a refresh, which stored the reason.
  if (checked.reason?.code === 'grant_rejected') {
    const noted = reasonsOfLostGrant.find((code) => code === row.reasonCode)
    if (noted !== undefined) return because(noted)
  }
  return checked
}

/** The pinned account stays: a check never changes it. */
function otherAccount(row: CredentialRow, checked: CheckResult): CheckResult {
  const { code, message } = identityChanged('credential', row.identity, checked.identity)
  return { status: 'failed', identity: null, reason: { code, message } }
}
