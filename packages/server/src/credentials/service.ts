import type { Clock, Connector, ConnectorContext, CredentialAccess } from '@latchwork/connectors'
import {
  type CheckResult,
  type Credential,
  errorCatalogue,
  invalidField,
  LatchworkError,
  type MethodDefinition,
  newId,
  type User,
} from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import type { Accounts } from '../accounts/accounts.ts'
import type { Logger } from '../logging/logger.ts'
import { type OAuthEndpoints, revokeToken } from '../oauth/token-client.ts'
import type { CredentialChange, CredentialRow } from '../stores/interfaces.ts'
import type { OpenStores } from '../stores/open.ts'
import { storedAccess, unsavedAccess } from './access.ts'
import { checkFailed, identityChanged, isOtherAccount, runCheck } from './checking.ts'
import { type FormValues, readForm } from './form.ts'
import type { Refresher } from './refresh.ts'
import { hasSecret, placeOf, placeOfRow } from './sealing.ts'
import { credentialView } from './view.ts'

export const draftTtlMs = 3_600_000
/** A deleted credential can be brought back for this long. */
export const keepDeletedMs = 7 * 24 * 3_600_000

export interface CredentialParts {
  readonly stores: OpenStores
  readonly vault: Vault
  readonly accounts: Accounts
  readonly connectors: ReadonlyMap<string, Connector>
  readonly refresher: Refresher
  readonly endpoints: OAuthEndpoints
  readonly clock: Clock
  readonly log: Logger
  /** What a connector gets for one call. */
  readonly context: (signal: AbortSignal) => ConnectorContext
}

interface NewValues {
  readonly connector: string
  readonly method: string
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly values: Readonly<Record<string, string>>
  readonly draft: boolean
}

const checkTimeoutMs = 20_000

/** Credentials: kept sealed, checked before they are believed, and handed to connectors one secret at a time. */
export class Credentials {
  readonly #parts: CredentialParts
  /** Work that no answer waits for, e.g. revoking at Close. */
  readonly #background = new Set<Promise<unknown>>()

  constructor(parts: CredentialParts) {
    this.#parts = parts
  }

  // --- reading

  async list(query: Parameters<OpenStores['credentials']['list']>[0]): Promise<{
    items: Credential[]
    nextCursor: string | null
    total: number
  }> {
    const { stores, accounts } = this.#parts
    const { items, nextCursor, total } = await stores.credentials.list(query)
    const [owners, counts] = await Promise.all([
      accounts.users(items.map((row) => row.ownerId)),
      stores.ends.usageCounts(items.map((row) => row.id)),
    ])
    const views = items.map((row) => credentialView(row, owners.get(row.ownerId), counts.get(row.id) ?? 0))
    return { items: views, nextCursor, total }
  }

  async get(id: string): Promise<Credential> {
    return this.#view(await this.find(id))
  }

  /** @throws {LatchworkError} `credential_not_found` */
  async find(id: string): Promise<CredentialRow> {
    const row = await this.#parts.stores.credentials.find(id)
    if (row === null) throw new LatchworkError('credential_not_found')
    return row
  }

  /** As `find`, for a change: only its owner and administrators may. @throws {LatchworkError} also `forbidden` */
  async findOwn(id: string, user: User): Promise<CredentialRow> {
    const row = await this.find(id)
    if (row.ownerId !== user.id && user.role !== 'admin') throw new LatchworkError('forbidden')
    return row
  }

  async usage(id: string) {
    await this.find(id)
    return { items: await this.#parts.stores.ends.usage(id) }
  }

  /**
   * A saved credential for a source or destination of `connector`.
   * @throws {LatchworkError} `credential_not_found`, `credential_wrong_connector`, `credential_draft`, `credential_failed`
   */
  async use(id: string, connector: string): Promise<CredentialAccess> {
    const row = await this.find(id)
    if (row.connector !== connector) throw new LatchworkError('credential_wrong_connector')
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    if (row.status === 'failed') {
      throw new LatchworkError('credential_failed', {
        message:
          `The credential "${row.name}" needs attention before it can be used. ${row.reasonMessage ?? ''}`.trim(),
      })
    }
    await this.#parts.stores.credentials.touch(id)
    return this.#access(row)
  }

  // --- making

  /** Checks values that are not saved. @throws {LatchworkError} `invalid_input`, `connector_unknown`, `method_unknown` */
  async verify(input: Pick<NewValues, 'connector' | 'method' | 'values'>): Promise<CheckResult> {
    const { connector, method } = this.#method(input.connector, input.method)
    const form = readForm(method, input.values)
    if (method.flow === 'oauth2') {
      const { title } = errorCatalogue.not_authorized
      return { status: 'unverified', identity: null, reason: { code: 'not_authorized', message: title } }
    }
    return this.#check(connector, unsavedAccess(method.id, form))
  }

  /**
   * Checks and saves, or keeps a draft unchecked.
   * @throws {LatchworkError} `invalid_input`, `name_taken`, `not_authorized`, and what a check fails with
   */
  async create(input: NewValues, owner: User): Promise<Credential> {
    const { connector, method } = this.#method(input.connector, input.method)
    if (input.draft) {
      const form = readForm(method, input.values, { optional: () => true })
      return this.#view(await this.#insert(input, method, form, owner, null))
    }
    if (input.name === '') throw invalidField('name', 'required', 'Name is required.')
    const form = readForm(method, input.values)
    if (method.flow === 'oauth2') throw new LatchworkError('not_authorized')
    const result = await this.#check(connector, unsavedAccess(method.id, form))
    if (result.status === 'failed') throw checkFailed(method, result)
    return this.#view(await this.#insert(input, method, form, owner, result))
  }

  async #insert(
    input: NewValues,
    method: MethodDefinition,
    form: FormValues,
    owner: User,
    result: CheckResult | null,
  ): Promise<CredentialRow> {
    const { stores, vault } = this.#parts
    const id = newId('credential')
    const now = (await stores.now()).getTime()
    return stores.credentials.insert({
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
      sealed: await vault.seal(placeOf(id, 1), secretsOf(form.secrets)),
      secretVersion: 1,
      grantedScope: null,
      accessTokenExpiresAt: null,
      draftExpiresAt: result === null ? new Date(now + draftTtlMs).toISOString() : null,
    })
  }

  /** Saves an authorized draft. Repeating it changes the same fields again. */
  async save(
    id: string,
    change: { name: string; description: string; tags: string[] },
    user: User,
  ): Promise<Credential> {
    const row = await this.findOwn(id, user)
    if (row.status !== 'draft') return this.update(id, change, user)
    if (!hasSecret(row, 'accessToken')) throw new LatchworkError('not_authorized')
    return this.#apply(row, {
      ...change,
      draftExpiresAt: null,
      ...(row.identity === null
        ? {
            status: 'unverified',
            reasonCode: 'never_checked',
            reasonMessage: errorCatalogue.never_checked.title,
          }
        : { status: 'verified', reasonCode: null, reasonMessage: null }),
    })
  }

  // --- changing

  async update(
    id: string,
    change: {
      name?: string | undefined
      description?: string | undefined
      tags?: string[] | undefined
      values?: Readonly<Record<string, string>> | undefined
    },
    user: User,
  ): Promise<Credential> {
    const row = await this.findOwn(id, user)
    const { name, description, tags, values } = change
    if (name === '' && row.status !== 'draft') throw invalidField('name', 'required', 'Name is required.')
    const texts: CredentialChange = {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
    }
    if (values === undefined) return this.#apply(row, texts)
    if (row.status !== 'draft') {
      throw invalidField(
        'values',
        'draft_only',
        'The values of a saved credential are replaced together with a check: use its secrets.',
      )
    }
    return this.#updateDraft(row, texts, values)
  }

  /** A changed OAuth app makes the tokens that it got worthless: they are revoked and the draft is to be authorized again. */
  async #updateDraft(
    row: CredentialRow,
    texts: CredentialChange,
    values: Readonly<Record<string, string>>,
  ): Promise<Credential> {
    const { vault } = this.#parts
    const { method } = this.#method(row.connector, row.method)
    const form = readForm(method, values, { optional: () => true })
    const stored = await vault.openAll(placeOfRow(row), row.sealed)
    const secretChanged = Object.entries(form.secrets).some(
      ([field, value]) => stored[field]?.equals(new Secret(value)) !== true,
    )
    const valuesChanged = JSON.stringify(sorted(form.values)) !== JSON.stringify(sorted(row.values))
    if (!secretChanged && !valuesChanged) return this.#apply(row, texts)

    const authorized = hasSecret(row, 'accessToken')
    if (authorized) this.#inBackground(this.#revoke(row))
    const version = row.secretVersion + 1
    const sealed = await vault.reseal(placeOfRow(row), row.sealed, placeOf(row.id, version), {
      ...secretsOf(form.secrets),
      ...(authorized ? { accessToken: null, refreshToken: null } : {}),
    })
    return this.#apply(
      row,
      {
        ...texts,
        values: form.values,
        sealed,
        secretVersion: version,
        reasonCode: null,
        reasonMessage: null,
        ...(authorized
          ? {
              identity: null,
              grantedScope: null,
              accessTokenExpiresAt: null,
              generation: row.generation + 1,
            }
          : {}),
      },
      row.secretVersion,
    )
  }

  /**
   * Replaces the given fields of a saved credential in one step, after a check with them.
   * @throws {LatchworkError} `invalid_input`, `identity_changed`, `unreachable`, and what a check fails with; then
   * nothing was changed
   */
  async replaceSecrets(
    id: string,
    values: Readonly<Record<string, string>>,
    confirmIdentityChange: boolean,
    user: User,
  ): Promise<Credential> {
    const row = await this.findOwn(id, user)
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    const { connector, method } = this.#method(row.connector, row.method)
    const form = readForm(method, values, { optional: () => true })
    if (Object.keys(form.secrets).length + Object.keys(form.values).length === 0) {
      throw invalidField('values', 'required', 'Fill in what is to be replaced.')
    }
    if (method.flow === 'oauth2') return this.#replaceAppSecret(row, form)

    const { vault } = this.#parts
    const stored = await vault.openAll(placeOfRow(row), row.sealed)
    const revealed = Object.fromEntries(
      Object.entries(stored).map(([name, secret]) => [name, secret.reveal()]),
    )
    const merged: FormValues = {
      values: { ...row.values, ...form.values },
      secrets: { ...revealed, ...form.secrets },
    }
    const result = await this.#check(connector, unsavedAccess(method.id, merged))
    if (result.status !== 'verified') throw checkFailed(method, result)
    if (isOtherAccount(row.identity, result.identity) && !confirmIdentityChange) {
      throw identityChanged('key', row.identity, result.identity?.organizationName ?? '')
    }
    const version = row.secretVersion + 1
    const sealed = await vault.seal(placeOf(id, version), secretsOf(merged.secrets))
    return this.#apply(
      row,
      { ...statusOf(result, this.#parts.clock.now()), values: merged.values, sealed, secretVersion: version },
      row.secretVersion,
    )
  }

  /** A new client secret is tried by refreshing with it, and saved together with the new tokens. */
  async #replaceAppSecret(row: CredentialRow, form: FormValues): Promise<Credential> {
    const { clientId } = form.values
    if (clientId !== undefined && clientId !== row.values['clientId']) {
      throw invalidField(
        'values.clientId',
        'fixed',
        'Another OAuth app needs a credential of its own: add one, and move what uses this one.',
      )
    }
    const secret = form.secrets['clientSecret']
    const { scope } = form.values
    if (scope !== undefined) {
      await this.#parts.stores.credentials.update(row.id, { values: { ...row.values, scope } })
    }
    if (secret !== undefined) {
      try {
        await this.#parts.refresher.refreshWithSecret(row.id, secret)
      } catch (error) {
        if (!(error instanceof LatchworkError)) throw error
        if (error.code === 'oauth_client_rejected') {
          throw new LatchworkError(error.code, {
            errors: [{ field: 'values.clientSecret', rule: error.code, message: error.message }],
          })
        }
        // Close took the app's secret and refused the grant: the secret is right, and authorizing again needs it.
        if (error.code !== 'grant_rejected' && error.code !== 'lost_rotation') throw error
        await this.#storeSecret(row.id, secret)
        return this.get(row.id)
      }
    }
    return this.#view(await this.#recheck(row.id))
  }

  async #storeSecret(id: string, clientSecret: string): Promise<void> {
    const row = await this.find(id)
    const version = row.secretVersion + 1
    const sealed = await this.#parts.vault.reseal(placeOfRow(row), row.sealed, placeOf(id, version), {
      clientSecret: new Secret(clientSecret),
    })
    await this.#apply(row, { sealed, secretVersion: version }, row.secretVersion)
  }

  // --- checking

  /** Checks a saved credential now and stores what came out. @throws {LatchworkError} `credential_draft` */
  async check(id: string): Promise<Credential> {
    const row = await this.find(id)
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
    return this.#view(await this.#recheck(id))
  }

  /** A refusal counts only for the secret that was refused: one replaced meanwhile is checked in its turn. */
  async #recheck(id: string): Promise<CredentialRow> {
    const { stores } = this.#parts
    for (let attempt = 0; attempt < 3; attempt++) {
      const row = await this.find(id)
      const { connector } = this.#method(row.connector, row.method)
      const access = this.#access(row)
      const checked = await this.#check(connector, access)
      const changed = isOtherAccount(row.identity, checked.identity)
      const { message, code } = identityChanged(
        'credential',
        row.identity,
        checked.identity?.organizationName ?? '',
      )
      const result: CheckResult = changed
        ? { status: 'failed', identity: null, reason: { code, message } }
        : checked
      const saved = await stores.credentials.update(
        id,
        statusOf(result, this.#parts.clock.now()),
        access.usedVersion(),
      )
      if (saved !== null) return saved
    }
    throw new LatchworkError('conflict')
  }

  // --- deleting

  /** @throws {LatchworkError} `credential_in_use` with what uses it */
  async delete(id: string, user: User): Promise<void> {
    const { stores } = this.#parts
    const row = await this.findOwn(id, user)
    if (row.status === 'draft') await stores.credentials.erase(id)
    else {
      const deletedAt = (await stores.now()).toISOString()
      const usage = await stores.ends.usage(id)
      if (usage.length > 0) {
        throw new LatchworkError('credential_in_use', {
          message: inUseMessage(usage),
          blockers: usage.map(({ kind, id: blocker, name }) => ({ kind, id: blocker, name })),
        })
      }
      await stores.credentials.update(id, { deletedAt })
    }
    if (hasSecret(row, 'accessToken')) this.#inBackground(this.#revoke(row))
  }

  /** Erases drafts whose time is up, after ending their grants at Close. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { stores } = this.#parts
    for (;;) {
      const expired = await stores.credentials.takeExpiredDrafts(20)
      await Promise.all(expired.map((row) => this.#revoke(row)))
      if (expired.length === 0 || signal.aborted) break
    }
    await stores.credentials.eraseDeleted(keepDeletedMs)
    await stores.authorizations.eraseExpired()
    await stores.sessions.eraseExpired()
  }

  /** Ends a grant at Close, as far as Close answers. */
  async #revoke(row: CredentialRow): Promise<void> {
    const { vault, endpoints, log } = this.#parts
    const secrets = await vault.openAll(placeOfRow(row), row.sealed)
    const token = secrets['refreshToken'] ?? secrets['accessToken']
    if (token === undefined) return
    const app = {
      clientId: row.values['clientId'] ?? '',
      clientSecret: secrets['clientSecret']?.reveal() ?? '',
    }
    const revoked = await revokeToken(endpoints, app, token.reveal())
    if (!revoked) {
      log.warn({ credential: row.id }, 'Close did not confirm that a grant was revoked; remove it in Close')
    }
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#background)
  }

  // --- parts of the above

  #inBackground(work: Promise<unknown>): void {
    const tracked = work
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'work in the background failed'))
      .finally(() => this.#background.delete(tracked))
    this.#background.add(tracked)
  }

  async #apply(row: CredentialRow, change: CredentialChange, expectedVersion?: number): Promise<Credential> {
    const saved = await this.#parts.stores.credentials.update(row.id, change, expectedVersion)
    if (saved === null) throw new LatchworkError('conflict')
    return this.#view(saved)
  }

  async #view(row: CredentialRow): Promise<Credential> {
    const [owners, counts] = await Promise.all([
      this.#parts.accounts.users([row.ownerId]),
      this.#parts.stores.ends.usageCounts([row.id]),
    ])
    return credentialView(row, owners.get(row.ownerId), counts.get(row.id) ?? 0)
  }

  #access(row: CredentialRow) {
    const { stores, vault, refresher } = this.#parts
    return storedAccess({ store: stores.credentials, vault, refresher }, row)
  }

  #check(connector: Connector, access: CredentialAccess): Promise<CheckResult> {
    return runCheck(connector, access, this.#parts.context(AbortSignal.timeout(checkTimeoutMs)))
  }

  /** @throws {LatchworkError} `connector_unknown`, `method_unknown` */
  #method(connectorId: string, methodId: string): { connector: Connector; method: MethodDefinition } {
    const connector = this.#parts.connectors.get(connectorId)
    if (connector === undefined) throw new LatchworkError('connector_unknown')
    const { methods } = connector.definition({ closeAppUrl: this.#parts.endpoints.closeAppUrl })
    const method = methods.find((each) => each.id === methodId)
    if (method === undefined) throw new LatchworkError('method_unknown')
    return { connector, method }
  }

  /** A credential's method, for its three-legged authorization. @throws {LatchworkError} `method_unknown` */
  oauthMethod(row: CredentialRow): { connector: Connector; method: MethodDefinition } {
    const found = this.#method(row.connector, row.method)
    if (found.method.flow !== 'oauth2') {
      throw new LatchworkError('method_unknown', {
        message: `${found.method.label} needs no authorization: save the credential instead.`,
      })
    }
    return found
  }
}

function statusOf(result: CheckResult, nowMs: number): CredentialChange {
  return {
    status: result.status,
    reasonCode: result.reason?.code ?? null,
    reasonMessage: result.reason?.message ?? null,
    statusAt: new Date(nowMs).toISOString(),
    ...(result.identity === null ? {} : { identity: result.identity }),
  }
}

function secretsOf(values: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, new Secret(value)]))
}

function sorted(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
}

function inUseMessage(usage: readonly { kind: string }[]): string {
  const counted = ['flow', 'source', 'destination'].flatMap((kind) => {
    const count = usage.filter((each) => each.kind === kind).length
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? '' : 's'}`]
  })
  return `Used by ${counted.join(' and ')}. Move them to another credential, or remove them first.`
}
