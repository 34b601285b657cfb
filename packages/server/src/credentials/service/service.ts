import type { CredentialAccess } from '@latchwork/connectors'
import {
  type AuditState,
  type CheckResult,
  type CredentialCreate,
  type CredentialListQuery,
  type CredentialPatch,
  type CredentialSave,
  errorCatalogue,
  invalidField,
  LatchworkError,
  type Usage,
  type User,
} from '@latchwork/contract'
import { refuseStale } from '../../database/stale.ts'
import { viewerOf } from '../../identity/rules.ts'
import { ownerFilter } from '../../identity/store/viewing.ts'
import { findMethod, type KnownMethod } from '../form/method.ts'
import type { HeldAccount } from '../records/account-pin.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import { type CredentialParts, CredentialRecords } from '../records/records.ts'
import type { CredentialView } from '../records/view.ts'
import { placeOfRow } from '../secrets/sealing.ts'
import type { CredentialUse } from '../store/credentials.ts'
import type { CredentialRow } from '../store/row.ts'
import type { Grant } from '../tokens/token-answer.ts'
import { create, verify } from './creating.ts'
import { deleteCredential, sweep } from './deleting.ts'
import { changeDraft, saveDraft } from './drafts.ts'
import type { ServiceParts } from './parts.ts'
import { checkPrevious, previousView, undo } from './previous.ts'
import { type Replacement, replaceSecrets } from './replacing.ts'
import { type MethodSwitch, switchMethod } from './switching.ts'
import { usageOf } from './usage.ts'

/** Longer than any host. A certificate is recognized by its beginning. */
const loggedLength = 300

/** Credentials: stored sealed, checked before they are trusted, and handed to connectors one secret at a time. */
export class Credentials {
  readonly #parts: ServiceParts

  constructor(parts: CredentialParts) {
    this.#parts = { ...parts, records: new CredentialRecords(parts) }
  }

  list(query: CredentialListQuery, user: User) {
    return this.#parts.records.list({ ...query, ...ownerFilter(query.owner, user.id) }, viewerOf(user))
  }

  /** @throws {LatchworkError} `credential_not_found` */
  async get(id: string): Promise<CredentialView> {
    return this.#parts.records.view(await this.#parts.records.find(id))
  }

  /** The stored row, in any state. @throws {LatchworkError} `credential_not_found` */
  find(id: string): Promise<CredentialRow> {
    return this.#parts.records.find(id)
  }

  /**
   * The given values that decide where a method's secrets go, cut for the log.
   * @throws {LatchworkError} `connector_unknown`, `method_unknown`
   */
  givenDirections(
    asked: { readonly connector: string; readonly method: string },
    values: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const { fields } = findMethod(this.#parts.connectors, asked.connector, asked.method).method
    const given = fields.flatMap(({ name, decidesPlace }) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return decidesPlace === true && value !== undefined ? [[name, value.slice(0, loggedLength)]] : []
    })
    return Object.fromEntries(given)
  }

  async usage(id: string, user: User): Promise<Usage> {
    await this.#parts.records.find(id)
    return usageOf(this.#parts, id, user)
  }

  /**
   * Where the requests of a saved credential of Close are counted.
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`,
   * `secret_unreadable`
   */
  async budgetPlace(id: string): Promise<{ organization: string; key: string }> {
    const row = await this.#parts.records.find(id)
    if (row.connector !== 'close') {
      throw new LatchworkError('credential_wrong_connector', {
        message: 'Only a credential of Close has a budget.',
      })
    }
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    const key = await this.#parts.records.bucket(row)
    return { organization: row.identity?.organizationId ?? row.id, key }
  }

  /**
   * A saved credential that works, for a source or destination of `connector`.
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`, `credential_failed`
   */
  async usable(id: string, connector: string): Promise<CredentialRow> {
    const row = await this.#parts.records.find(id)
    if (row.connector !== connector) throw new LatchworkError('credential_wrong_connector')
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    if (row.status === 'failed') {
      // Without its name and its account: a person who sees a run may not be allowed to see the credential.
      const isOther = row.reasonCode === 'identity_changed'
      const reason = isOther ? errorCatalogue.identity_changed.title : (row.reasonMessage ?? '')
      throw new LatchworkError('credential_failed', {
        message: `The credential needs attention before it can be used. ${reason}`.trim(),
      })
    }
    return row
  }

  /**
   * Opens a saved credential for a source or destination of `connector`, held to the pinned account.
   * @param use for the audit log
   * @param signal aborts the question whom the credential acts for
   * @param held the account of a run
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`,
   * `credential_failed`
   */
  async use(
    id: string,
    connector: string,
    use: CredentialUse,
    signal: AbortSignal,
    held: HeldAccount | null = null,
  ): Promise<CredentialAccess> {
    const row = await this.usable(id, connector)
    await this.#parts.stores.credentials.touch(id, use)
    return this.#parts.records.pinnedAccess(row, { signal }, held)
  }

  /** @throws as `verify` */
  verify(
    input: Pick<CredentialCreate, 'connector' | 'method' | 'values'>,
    tell?: (reported: AuditState) => void,
  ): Promise<CheckResult> {
    return verify(this.#parts, input, tell)
  }

  /** @throws as `create` */
  create(input: CredentialCreate, owner: User): Promise<CredentialView> {
    return create(this.#parts, input, owner)
  }

  /** Saves a draft, once authorized. For a saved credential it changes the same fields again. */
  async save(id: string, texts: CredentialSave, user: User): Promise<CredentialView> {
    const row = await this.#parts.records.findOwn(id, user)
    if (row.status !== 'draft') return this.#parts.records.apply(id, texts)
    return saveDraft(this.#parts, row, texts)
  }

  /** @throws {LatchworkError} `credential_not_found`, `forbidden`, `invalid_input`, `name_taken`, `conflict` */
  async update(id: string, { values, was, ...texts }: CredentialPatch, user: User): Promise<CredentialView> {
    const row = await this.#parts.records.findOwn(id, user)
    refuseStale(row, was)
    const draft = row.status === 'draft'
    if (texts.name === '' && !draft) throw invalidField('name', 'required', 'Name is required.')
    if (values === undefined) return this.#parts.records.apply(id, texts)
    if (draft) return changeDraft(this.#parts, row, texts, values)
    throw invalidField(
      'values',
      'draft_only',
      'The values of a saved credential are replaced together with a check: use the endpoint of its secrets.',
    )
  }

  /** @throws as `replaceSecrets` */
  replaceSecrets(id: string, replacement: Replacement, user: User): Promise<CredentialView> {
    return replaceSecrets(this.#parts, id, replacement, user)
  }

  /** @throws as `switchMethod` */
  switchMethod(id: string, asked: MethodSwitch, user: User): Promise<CredentialView> {
    return switchMethod(this.#parts, id, asked, user)
  }

  /** @throws as `undo` */
  undo(id: string, user: User): Promise<CredentialView> {
    return undo(this.#parts, id, user)
  }

  /** The secret before the last replacement or switch. @throws {LatchworkError} `credential_not_found` */
  async previous(id: string) {
    const { stores } = this.#parts
    await this.#parts.records.find(id)
    const [row, now] = await Promise.all([stores.previous.find(id), stores.now()])
    return { previous: row === null ? null : previousView(row, now.getTime()) }
  }

  checkPrevious(id: string, user: User) {
    return checkPrevious(this.#parts, id, user)
  }

  /** Checks a saved credential now and stores the result. @throws {LatchworkError} `credential_draft` */
  async check(id: string): Promise<CredentialView> {
    const row = await this.#parts.records.find(id)
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    return this.#parts.records.view(await this.#parts.records.recheck(id))
  }

  /** Like `check`, for the schedule. */
  recheck(id: string): Promise<CredentialRow> {
    return this.#parts.records.recheck(id)
  }

  /** @throws as `deleteCredential` */
  delete(id: string, user: User, stopUsers: boolean): Promise<void> {
    return deleteCredential(this.#parts, id, user, stopUsers)
  }

  sweep(signal: AbortSignal): Promise<void> {
    return sweep(this.#parts, signal)
  }

  /**
   * A credential with its method, for a three-legged authorization by its owner.
   * @throws {LatchworkError} `credential_not_found`, `forbidden`, `method_unknown`
   */
  async forAuthorization(id: string, user: User): Promise<KnownMethod & { readonly row: CredentialRow }> {
    const row = await this.#parts.records.findOwn(id, user)
    const known = findMethod(this.#parts.connectors, row.connector, row.method)
    if (known.method.flow === 'oauth2') return { ...known, row }
    throw new LatchworkError('method_unknown', {
      message: `${known.method.label} needs no authorization: save the credential instead.`,
    })
  }

  /** Finds out whom new tokens act for. */
  async checkTokens(row: CredentialRow, token: Grant): Promise<CheckResult> {
    const known = findMethod(this.#parts.connectors, row.connector, row.method)
    const clientSecret = await this.#parts.vault.open(placeOfRow(row), row.sealed, 'clientSecret')
    const secrets = { clientSecret: clientSecret.reveal(), refreshToken: token.refreshToken ?? '' }
    const form = { values: { ...row.values }, secrets }
    return this.#parts.records.check(known, unsavedAccess(row.method, form, token))
  }
}
