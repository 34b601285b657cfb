import type { CredentialAccess } from '@latchwork/connectors'
import {
  type AuditState,
  type CheckResult,
  type CredentialListQuery,
  errorCatalogue,
  invalidField,
  LatchworkError,
  type MethodDefinition,
  newId,
  type Usage,
  type User,
} from '@latchwork/contract'
import { withBlockers } from '../../identity/blockers.ts'
import { viewerOf } from '../../identity/rules.ts'
import { checkFailed } from '../form/checking.ts'
import { type FormValues, readForm } from '../form/form.ts'
import type { CredentialView } from '../form/view.ts'
import type { HeldAccount } from '../records/account-pin.ts'
import { unsavedAccess } from '../records/opened-secrets.ts'
import { type CredentialParts, CredentialRecords, type KnownMethod } from '../records/records.ts'
import { boundSecrets } from '../secrets/bound-secrets.ts'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialUse } from '../store/credentials.ts'
import type { CredentialChange, CredentialRow, NewCredential } from '../store/row.ts'
import type { Grant } from '../tokens/token-answer.ts'
import { changeDraft, draftTtlMs, saveDraft } from './drafts.ts'
import { checkPrevious, previousView, sweepPrevious, undo } from './previous.ts'
import { type Replacement, replaceSecrets } from './replacing.ts'
import { type MethodSwitch, switchMethod } from './switching.ts'
import { usageOf } from './usage.ts'

/** A deleted credential can be brought back for this long. */
export const keepDeletedMs = 7 * 24 * 3_600_000

/** A host is shorter, and a certificate is known by its beginning. */
const loggedLength = 300

interface NewValues {
  readonly connector: string
  readonly method: string
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly values: Readonly<Record<string, string>>
  readonly draft: boolean
}

interface Texts {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** Credentials: kept sealed, checked before they are believed, and handed to connectors one secret at a time. */
export class Credentials {
  readonly #parts: CredentialParts
  readonly #records: CredentialRecords

  constructor(parts: CredentialParts) {
    this.#parts = parts
    this.#records = new CredentialRecords(parts)
  }

  list(query: CredentialListQuery, user: User) {
    return this.#records.list(query, viewerOf(user))
  }

  /** @throws {LatchworkError} `credential_not_found` */
  async get(id: string): Promise<CredentialView> {
    return this.#records.view(await this.#records.find(id))
  }

  /** The stored row, whatever its state. @throws {LatchworkError} `credential_not_found` */
  find(id: string): Promise<CredentialRow> {
    return this.#records.find(id)
  }

  /**
   * Those of `values` that decide where a method's secrets go, cut to what a log keeps.
   * @throws {LatchworkError} `connector_unknown`, `method_unknown`
   */
  givenDirections(
    asked: { readonly connector: string; readonly method: string },
    values: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const { fields } = this.#records.method(asked.connector, asked.method).method
    const given = fields.flatMap(({ name, decidesPlace }) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return decidesPlace === true && value !== undefined ? [[name, value.slice(0, loggedLength)]] : []
    })
    return Object.fromEntries(given)
  }

  async usage(id: string, user: User): Promise<Usage> {
    await this.#records.find(id)
    return usageOf(this.#parts, id, user)
  }

  /**
   * A saved credential that works, for a source or destination of `connector`.
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`, `credential_failed`
   */
  async usable(id: string, connector: string): Promise<CredentialRow> {
    const row = await this.#records.find(id)
    if (row.connector !== connector) throw new LatchworkError('credential_wrong_connector')
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    if (row.status === 'failed') {
      throw new LatchworkError('credential_failed', {
        message:
          // Without its name: whoever looks at a run may not see the credential.
          `The credential needs attention before it can be used. ${row.reasonMessage ?? ''}`.trim(),
      })
    }
    return row
  }

  /**
   * A saved credential for a source or destination of `connector`, which reads and writes as the pinned account only.
   * @param use what the audit log tells of it
   * @param signal ends the question whom it acts for
   * @param held the account of a run
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`, `credential_failed`
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
    return this.#records.pinnedAccess(row, { signal }, held)
  }

  /**
   * Checks values that are not saved.
   * @param tell what of it is for the audit log: first where the values are sent, then what came of it
   * @throws {LatchworkError} `invalid_input`, `connector_unknown`, `method_unknown`
   */
  async verify(
    input: Pick<NewValues, 'connector' | 'method' | 'values'>,
    tell: (reported: AuditState) => void = () => undefined,
  ): Promise<CheckResult> {
    const known = this.#records.method(input.connector, input.method)
    const { connector, method } = known
    const form = readForm(method, input.values)
    const host = connector.host?.(form.values) ?? ''
    tell({ connector: input.connector, method: method.id, host, values: form.values })
    if (method.flow === 'oauth2') {
      const { title } = errorCatalogue.not_authorized
      return { status: 'unverified', identity: null, reason: { code: 'not_authorized', message: title } }
    }
    const result = await this.#records.check(known, unsavedAccess(method.id, form))
    const { status, reason, identity } = result
    tell({ status, reason: reason?.code ?? null, organization: identity?.organizationName ?? null })
    return result
  }

  /**
   * Checks and saves, or keeps a draft unchecked.
   * @throws {LatchworkError} `invalid_input`, `name_taken`, `not_authorized`, `drafts_full`, and what a check fails with
   */
  async create(input: NewValues, owner: User): Promise<CredentialView> {
    const known = this.#records.method(input.connector, input.method)
    const { method } = known
    if (input.draft) {
      const form = readForm(method, input.values, { optional: () => true })
      return this.#records.view(await this.#insert(input, method, form, owner, null))
    }
    if (input.name === '') throw invalidField('name', 'required', 'Name is required.')
    const form = readForm(method, input.values)
    if (method.flow === 'oauth2') throw new LatchworkError('not_authorized')
    const result = await this.#records.check(known, unsavedAccess(method.id, form))
    if (result.status === 'failed') throw checkFailed(result)
    return this.#records.view(await this.#insert(input, method, form, owner, result))
  }

  async #insert(
    input: NewValues,
    method: MethodDefinition,
    form: FormValues,
    owner: User,
    result: CheckResult | null,
  ): Promise<CredentialRow> {
    const { stores, vault, limits } = this.#parts
    const id = newId('credential')
    const now = (await stores.now()).getTime()
    const row: NewCredential = {
      id,
      connector: input.connector,
      method: method.id,
      ownerId: owner.id,
      name: input.name,
      description: input.description,
      tags: input.tags,
      status: result?.status ?? 'draft',
      reasonCode: result?.reason?.code ?? null,
      reasonMessage: result?.reason?.message ?? null,
      statusAt: new Date(now).toISOString(),
      identity: result?.identity ?? null,
      values: form.values,
      sealed: await vault.seal(placeOf(id, 1), boundSecrets(method, form)),
      secretVersion: 1,
      grantedScope: null,
      accessTokenExpiresAt: null,
      draftExpiresAt: result === null ? new Date(now + draftTtlMs).toISOString() : null,
      permissions: result?.permissions ?? null,
    }
    return stores.credentials.insert(row, limits.drafts)
  }

  /** Saves a draft, once authorized. Repeating it changes the same fields again. */
  async save(id: string, texts: Texts & { readonly name: string }, user: User): Promise<CredentialView> {
    const row = await this.#records.findOwn(id, user)
    if (row.status !== 'draft') return this.#records.apply(id, given(texts))
    return saveDraft(this.#records, this.#parts, row, given(texts))
  }

  /** @throws {LatchworkError} `credential_not_found`, `forbidden`, `invalid_input`, `name_taken` */
  async update(
    id: string,
    { values, ...texts }: Texts & { readonly values?: Readonly<Record<string, string>> | undefined },
    user: User,
  ): Promise<CredentialView> {
    const row = await this.#records.findOwn(id, user)
    const draft = row.status === 'draft'
    if (texts.name === '' && !draft) throw invalidField('name', 'required', 'Name is required.')
    if (values === undefined) return this.#records.apply(id, given(texts))
    if (draft) return changeDraft(this.#records, this.#parts, row, given(texts), values)
    throw invalidField(
      'values',
      'draft_only',
      'The values of a saved credential are replaced together with a check: use its secrets.',
    )
  }

  /** @throws as `replaceSecrets` */
  replaceSecrets(id: string, replacement: Replacement, user: User): Promise<CredentialView> {
    return replaceSecrets(this.#records, this.#parts, id, replacement, user)
  }

  /** @throws as `switchMethod` */
  switchMethod(id: string, asked: MethodSwitch, user: User): Promise<CredentialView> {
    return switchMethod(this.#records, this.#parts, id, asked, user)
  }

  /** @throws as `undo` */
  undo(id: string, user: User): Promise<CredentialView> {
    return undo(this.#records, this.#parts, id, user)
  }

  /** What the last replacement or switch put aside. @throws {LatchworkError} `credential_not_found` */
  async previous(id: string) {
    const { stores } = this.#parts
    await this.#records.find(id)
    const [row, now] = await Promise.all([stores.previous.find(id), stores.now()])
    return { previous: row === null ? null : previousView(row, now.getTime()) }
  }

  checkPrevious(id: string, user: User) {
    return checkPrevious(this.#records, this.#parts, id, user)
  }

  /** Checks a saved credential now and stores what came out. @throws {LatchworkError} `credential_draft` */
  async check(id: string): Promise<CredentialView> {
    const row = await this.#records.find(id)
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    return this.#records.view(await this.#records.recheck(id))
  }

  /** As `check`, for the schedule. */
  recheck(id: string): Promise<CredentialRow> {
    return this.#records.recheck(id)
  }

  /**
   * Ends its grant at Close as well.
   * @param stopUsers although it is used: the flows that need it pause, and their owners are told
   * @throws {LatchworkError} `credential_in_use` with what uses it, as far as the person sees it
   */
  async delete(id: string, user: User, stopUsers: boolean): Promise<void> {
    const { stores, rules, deleteUsed } = this.#parts
    const row = await this.#records.findOwn(id, user)
    if (row.status === 'draft') await stores.credentials.erase(id)
    else {
      const usage = await stores.usage.of(id)
      if (usage.length > 0 && !stopUsers) {
        const blockers = usage.map(({ kind, id: blocker, name }) => ({ kind, id: blocker, name }))
        const error = new LatchworkError('credential_in_use', { message: inUseMessage(usage), blockers })
        throw withBlockers(error, await rules.seen(user, usage))
      }
      const flows = usage.filter(({ kind }) => kind === 'flow').map((flow) => flow.id)
      if (stopUsers) await deleteUsed(id, user, flows)
      else await stores.credentials.update(id, { deletedAt: (await stores.now()).toISOString() })
    }
    // A refresh may have saved another pair in between.
    this.#parts.revoker.revokeInBackground((await stores.deleted.find(id)) ?? row)
  }

  /** Erases drafts whose time is up, after ending their grants at Close, and whatever else has expired. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { stores } = this.#parts
    for (;;) {
      const expired = await stores.credentials.takeExpiredDrafts(20)
      await Promise.all(expired.map((row) => this.#parts.revoker.revoke(row)))
      if (expired.length === 0 || signal.aborted) break
    }
    await sweepPrevious(this.#parts, signal)
    await stores.credentials.eraseDeleted(keepDeletedMs)
    await stores.authorizations.eraseExpired()
  }

  /**
   * A credential with its method, for a three-legged authorization by its owner.
   * @throws {LatchworkError} `credential_not_found`, `forbidden`, `method_unknown`
   */
  async forAuthorization(id: string, user: User): Promise<KnownMethod & { readonly row: CredentialRow }> {
    const row = await this.#records.findOwn(id, user)
    const known = this.#records.method(row.connector, row.method)
    if (known.method.flow === 'oauth2') return { ...known, row }
    throw new LatchworkError('method_unknown', {
      message: `${known.method.label} needs no authorization: save the credential instead.`,
    })
  }

  /** Whom new tokens act for. */
  async checkTokens(row: CredentialRow, token: Grant): Promise<CheckResult> {
    const known = this.#records.method(row.connector, row.method)
    const clientSecret = await this.#parts.vault.open(placeOfRow(row), row.sealed, 'clientSecret')
    const secrets = { clientSecret: clientSecret.reveal(), refreshToken: token.refreshToken ?? '' }
    const form = { values: { ...row.values }, secrets }
    return this.#records.check(known, unsavedAccess(row.method, form, token))
  }
}

/** Only what was given: the others stay as they are. */
function given({ name, description, tags }: Texts): CredentialChange {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
  }
}

function inUseMessage(usage: readonly { kind: string }[]): string {
  const counted = ['flow', 'source', 'destination'].flatMap((kind) => {
    const count = usage.filter((each) => each.kind === kind).length
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? '' : 's'}`]
  })
  return `Used by ${counted.join(' and ')}. Move them to another credential, or remove them first.`
}
