import {
  LatchworkError,
  newId,
  type Pass,
  type PassCreate,
  type PassField,
  type PassListQuery,
  type PassObjectName,
  type PassPatch,
  type PassRules,
  type PassSmartView,
  passTokenPrefix,
  type User,
  usualPassDays,
} from '@latchwork/contract'
import { hashToken, newRandomToken } from '@latchwork/vault'
import type { CredentialRow } from '../credentials/store/row.ts'
import { toTimeOrNull } from '../database/columns.ts'
import { refuseStale } from '../database/stale.ts'
import { type AccessRules, memberOf, viewerOf } from '../identity/rules.ts'
import { ownerFilter } from '../identity/store/viewing.ts'
import type { AccountParts } from './account.ts'
import { accountFields } from './account-fields.ts'
import { requireAddresses, requireEnd, requireRules } from './pass-input.ts'
import { type NamedView, namedView, smartViewsOf } from './smart-views.ts'
import { type CallStore, dayMs, hourMs } from './store/calls.ts'
import type { PassRow, PassStore, PassView } from './store/passes.ts'
import { passView } from './view.ts'

export interface PassParts {
  readonly passes: PassStore
  readonly calls: CallStore
  /** @throws LatchworkError `credential_not_found` */
  readonly findCredential: (id: string) => Promise<CredentialRow>
  readonly rules: AccessRules
  readonly account: AccountParts
  /** Makes the last writes one unit, with their entry in the audit log. */
  commit<T>(work: () => Promise<T>): Promise<T>
  now(): Promise<Date>
  /** Called when a pass was changed or ended, so that this process at least notices at once. */
  changed(id: string): void
}

/** A pass as the page sees it, without the caller's role. */
type PassDetails = Omit<Pass, 'yourRole'>

/** So far back the strip of a list goes. */
const stripMs = 7 * dayMs

/** Passes: each lets one consumer use one credential of Close through the gateway, within rules. */
export class Passes {
  readonly #parts: PassParts

  constructor(parts: PassParts) {
    this.#parts = parts
  }

  async list(query: PassListQuery, user: User) {
    const { items, ...page } = await this.#parts.passes.list(
      { ...query, ...ownerFilter(query.owner, user.id) },
      viewerOf(user),
    )
    return { ...page, items: await this.#views(items, user) }
  }

  /** What a pass for a credential can be limited to. @throws {LatchworkError} as `create`, and as `smartViewsOf` */
  async smartViews(credentialId: string, user: User): Promise<NamedView[]> {
    await this.#requireCredential(credentialId, user)
    return smartViewsOf(this.#parts.account, credentialId, user)
  }

  /** What a pass for a credential can be limited to of an object. @throws {LatchworkError} as `smartViews` */
  async fields(credentialId: string, object: PassObjectName, user: User): Promise<PassField[]> {
    await this.#requireCredential(credentialId, user)
    return accountFields(this.#parts.account, credentialId, object, user)
  }

  /** @throws {LatchworkError} `pass_not_found` */
  async get(id: string, user: User): Promise<PassDetails> {
    return this.#view(await this.#find(id), user)
  }

  /**
   * Makes a pass for a credential that the person may use.
   * @returns the pass and its token, which is not stored
   * @throws {LatchworkError} `invalid_input`, `pass_invalid`, `name_taken`, `share_full`, `credential_not_found`,
   * `credential_wrong_connector`, `credential_draft`
   */
  async create(input: PassCreate, user: User): Promise<{ pass: PassDetails; token: string }> {
    const { perSecond, perDay, addresses, purpose, credentialId, name, rules, neverBecause, confirmWrites } =
      input
    await this.#requireCredential(credentialId, user)
    requireRules(rules)
    const now = (await this.#parts.now()).getTime()
    const expiresAt =
      input.expiresAt === undefined ? now + usualPassDays * dayMs : toMsOrNull(input.expiresAt)
    requireEnd(expiresAt, neverBecause, now)
    const limits = { perSecond, perDay, addresses: requireAddresses(addresses) }
    const stored = await this.#storedRules(rules, { credentialId, rules: null }, user)
    const token = newRandomToken(passTokenPrefix)
    return this.#parts.commit(async () => {
      const row = await this.#parts.passes.insert({
        id: newId('pass'),
        ownerId: user.id,
        credentialId,
        name,
        description: purpose,
        rules: stored,
        limits,
        expiresAt,
        neverBecause: expiresAt === null ? neverBecause : null,
        confirmWrites,
        ...tokenColumns(token),
      })
      return { pass: await this.#view(row, user), token }
    })
  }

  /**
   * Changes what it may do, how much, or until when.
   * @throws {LatchworkError} as `create`, and `pass_not_found`, `pass_over`, `conflict`
   */
  async update(id: string, change: PassPatch, user: User): Promise<PassDetails> {
    const row = await this.#find(id)
    const { name, purpose, rules, was, perSecond, perDay, addresses, confirmWrites } = change
    refuseStale(
      { ...row, ...row.limits, purpose: row.description, expiresAt: toTimeOrNull(row.expiresAt) },
      was,
    )
    if (row.revokedAt !== null) throw new LatchworkError('pass_over')
    await this.#requireCredential(row.credentialId, user)
    if (rules !== undefined) requireRules(rules)
    const now = (await this.#parts.now()).getTime()
    const expiresAt = change.expiresAt === undefined ? row.expiresAt : toMsOrNull(change.expiresAt)
    const neverBecause = expiresAt === null ? (change.neverBecause ?? row.neverBecause) : null
    if (change.expiresAt !== undefined || change.neverBecause !== undefined)
      requireEnd(expiresAt, neverBecause, now)
    const limits = {
      perSecond: perSecond === undefined ? row.limits.perSecond : perSecond,
      perDay: perDay === undefined ? row.limits.perDay : perDay,
      addresses: addresses === undefined ? row.limits.addresses : requireAddresses(addresses),
    }
    const stored = rules === undefined ? undefined : await this.#storedRules(rules, row, user)
    return this.#parts.commit(async () => {
      const saved = await this.#parts.passes.update(id, {
        name,
        description: purpose,
        rules: stored,
        limits,
        expiresAt,
        neverBecause,
        confirmWrites,
      })
      return this.#saved(saved, user)
    })
  }

  /**
   * Gives a pass a new token. The old one works for a while longer, so that whoever uses it can be given the new one.
   * @throws {LatchworkError} `pass_not_found`, `pass_over`
   */
  async rotate(id: string, overlapHours: number, user: User): Promise<{ pass: PassDetails; token: string }> {
    const row = await this.#find(id)
    if (row.revokedAt !== null) throw new LatchworkError('pass_over')
    await this.#requireCredential(row.credentialId, user)
    const token = newRandomToken(passTokenPrefix)
    const until = (await this.#parts.now()).getTime() + overlapHours * hourMs
    const old =
      overlapHours > 0
        ? { oldTokenHash: row.tokenHash, oldTokenUntil: until }
        : { oldTokenHash: null, oldTokenUntil: null }
    const saved = await this.#parts.passes.update(id, { ...tokenColumns(token), ...old })
    return { pass: await this.#saved(saved, user), token }
  }

  /** Ends it at once. Done twice, it stays as it is. @throws {LatchworkError} `pass_not_found` */
  async revoke(id: string, user: User): Promise<PassDetails> {
    const row = await this.#find(id)
    if (row.revokedAt !== null) return this.#view(row, user)
    const revokedAt = (await this.#parts.now()).getTime()
    const saved = await this.#parts.passes.update(id, { revokedAt, oldTokenHash: null, oldTokenUntil: null })
    return this.#saved(saved, user)
  }

  /** @throws {LatchworkError} `pass_not_found` */
  async delete(id: string): Promise<void> {
    if (!(await this.#parts.passes.erase(id))) throw new LatchworkError('pass_not_found')
    this.#parts.changed(id)
  }

  async #find(id: string): Promise<PassView> {
    const row = await this.#parts.passes.find(id)
    if (row === null) throw new LatchworkError('pass_not_found')
    return row
  }

  async #saved(row: PassView | null, user: User): Promise<PassDetails> {
    if (row === null) throw new LatchworkError('pass_not_found')
    this.#parts.changed(row.id)
    return this.#view(row, user)
  }

  async #view(row: PassView, user: User): Promise<PassDetails> {
    const [view] = await this.#views([row], user)
    if (view === undefined) throw new LatchworkError('pass_not_found')
    return view
  }

  async #views(rows: readonly PassView[], user: User): Promise<PassDetails[]> {
    const { rules, calls, now } = this.#parts
    const nowMs = (await now()).getTime()
    const things = [...new Set(rows.map(({ credentialId }) => credentialId))].map(
      (id) => ({ kind: 'credential', id }) as const,
    )
    const [seen, hours] = await Promise.all([
      rules.seen(user, things),
      calls.hours(
        rows.map(({ id }) => id),
        nowMs - stripMs,
      ),
    ])
    return rows.map((row) =>
      passView(row, { nowMs, seesCredential: seen.has(row.credentialId), hours: hours.get(row.id) ?? [] }),
    )
  }

  async #storedRules(
    { objects, fields, paths, smartView }: PassRules,
    before: { readonly credentialId: string; readonly rules: PassRules | null },
    user: User,
  ): Promise<PassRules> {
    const same = before.rules?.smartView
    // One that stays is not asked for again: while Close is away, a pass can still be given less.
    const viewOf = (view: PassSmartView) =>
      same?.id === view.id
        ? { ...view, name: same.name }
        : namedView(this.#parts.account, before.credentialId, view, user)
    return {
      objects,
      ...(fields === undefined ? {} : { fields }),
      ...(paths === undefined || paths.length === 0 ? {} : { paths }),
      ...(smartView === undefined ? {} : { smartView: await viewOf(smartView) }),
    }
  }

  async #requireCredential(id: string, user: User): Promise<void> {
    await this.#parts.rules.require(memberOf(user), 'collaborator', { kind: 'credential', id })
    const row = await this.#parts.findCredential(id)
    if (row.connector !== 'close') {
      throw new LatchworkError('credential_wrong_connector', {
        message: 'A pass is for a credential of Close. Choose one of these.',
      })
    }
    if (row.status === 'draft') throw new LatchworkError('credential_draft')
  }
}

function tokenColumns(token: string): Pick<PassRow, 'tokenHash' | 'suffix'> {
  return { tokenHash: hashToken(token), suffix: token.slice(-4) }
}

function toMsOrNull(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}
