import type { Config, Connector } from '@latchwork/connectors'
import { LatchworkError, type MadeAgain, madeAgain, newId, type Source, type User } from '@latchwork/contract'
import type { Credentials } from '../../credentials/service/service.ts'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import type { PageQuery } from '../../database/paging.ts'
import { refuseStale } from '../../database/stale.ts'
import type { Files } from '../../files/files.ts'
import { fileOfSource, namedFile } from '../../files/for-connector.ts'
import type { FileRow } from '../../files/store.ts'
import { invalidInput } from '../../http/input.ts'
import { withBlockers } from '../../identity/blockers.ts'
import { type AccessRules, memberOf, viewerOf } from '../../identity/rules.ts'
import { ownerFilter } from '../../identity/store/viewing.ts'
import type { SideKind, SideStore, SideView } from '../store/sides.ts'
import { withStream } from './first-stream.ts'
import { readConfig, storedConfig } from './form.ts'

/** How long a file may take to show whether its records have a key. */
const lookMs = 10_000

/** A source or destination as the page sees it, without the caller's role. */
type SideDetails = Omit<Source, 'yourRole'>

/** A person's input for a new source or destination. */
export interface NewSide {
  readonly connector: string
  readonly credentialId: string | null
  readonly name: string
  readonly description: string
  readonly config: Config
}

/** A request's changes. Missing fields stay as they are. */
export interface SideChange {
  readonly credentialId?: string | null | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly config?: Config | undefined
  /** What the person saw of what they change. */
  readonly was?: Readonly<Record<string, unknown>> | undefined
}

export interface SideParts {
  readonly store: SideStore
  readonly rules: AccessRules
  readonly credentials: Credentials
  readonly connectors: ReadonlyMap<string, Connector>
  readonly files: Files
}

/** Data sources and data destinations. They differ only in the part of a connector that they use. */
export class Sides {
  readonly #kind: SideKind
  readonly #parts: SideParts

  constructor(kind: SideKind, parts: SideParts) {
    this.#kind = kind
    this.#parts = parts
  }

  async list(query: PageQuery & { readonly owner?: 'me' | 'others' | undefined }, user: User) {
    const { items, nextCursor, total } = await this.#parts.store.list(
      this.#kind,
      { ...query, ...ownerFilter(query.owner, user.id) },
      viewerOf(user),
    )
    return { items: await this.#views(items, user), nextCursor, total }
  }

  /** @throws {LatchworkError} `source_not_found`, `destination_not_found` */
  async find(id: string): Promise<SideView> {
    const row = await this.#parts.store.find(id)
    if (row === null || row.kind !== this.#kind) throw new LatchworkError(`${this.#kind}_not_found`)
    return row
  }

  async get(id: string, user: User): Promise<SideDetails> {
    return this.#view(await this.find(id), user)
  }

  /**
   * Requires that a flow of the member can open it, as far as that is known without its system: its credential works,
   * and its file is there.
   * @throws {LatchworkError} `credential_failed`, `file_not_found`
   */
  async requireReady(id: string, memberId: string): Promise<void> {
    const { connectors, credentials, files } = this.#parts
    const row = await this.find(id)
    if (row.credentialId !== null) await credentials.usable(row.credentialId, row.connector)
    const connector = connectorFor(connectors, this.#kind, row.connector)
    const named = namedFile(connector, storedConfig(connector, this.#kind, row.config))
    if (named === null) return
    if (this.#kind === 'source') await files.requireThere(memberId, named, row)
    else await files.checkWritable(memberId, named)
  }

  /** What a destination creates again whenever it is given the same records; null: nothing. */
  async madeAgain(id: string): Promise<MadeAgain | null> {
    const { connector, config } = await this.find(id)
    return madeAgain(connectorFor(this.#parts.connectors, this.#kind, connector).definition, config)
  }

  /** Whether the records of a source have a key, as far as that is seen without its system. @param memberId its reader */
  async isKeyed(id: string, memberId: string): Promise<boolean> {
    const { connectors, files } = this.#parts
    const row = await this.find(id)
    const connector = connectorFor(connectors, this.#kind, row.connector)
    if (connector.definition.source?.keyed === true) return true
    if (row.credentialId !== null || connector.openSource === undefined) return false
    const side = { ...row, config: storedConfig(connector, this.#kind, row.config) }
    try {
      const { config, around } = await fileOfSource(files, connector, side, memberId)
      const context = { signal: AbortSignal.timeout(lookMs), ...around }
      return await withStream(connector, config, null, context, null, async ({ key }) => key !== null)
    } catch (error) {
      // What is not there yet, or can't be read, shows no key.
      if (error instanceof LatchworkError) return false
      throw error
    }
  }

  /** Whether a source's form says what is read, so that a flow need not. */
  async namesStreams(id: string): Promise<boolean> {
    const row = await this.find(id)
    const connector = connectorFor(this.#parts.connectors, this.#kind, row.connector)
    const config = storedConfig(connector, this.#kind, row.config)
    return (connector.selectionsOf?.(config) ?? []).length > 0
  }

  /** Whether a destination takes one stream only. */
  async takesOneStream(id: string): Promise<boolean> {
    const { connector } = await this.find(id)
    const { definition } = connectorFor(this.#parts.connectors, this.#kind, connector)
    return definition.destination?.takes === 'one stream'
  }

  /** Whether a destination can be given some records without the others: it does not write a whole at a time. */
  async takesSingleRecords(id: string): Promise<boolean> {
    const { connector } = await this.find(id)
    const { definition } = connectorFor(this.#parts.connectors, this.#kind, connector)
    return definition.destination?.writes !== 'whole'
  }

  /**
   * @throws {LatchworkError} `connector_unknown`, `credential_not_found`, `credential_wrong_connector`,
   * `credential_draft`, `invalid_input` with a fault a field, named `config.<field>`
   */
  async create(input: NewSide, owner: User): Promise<SideDetails> {
    const { connector, credentialId, name, description, config } = input
    const row = { connector, credentialId, name, description, kind: this.#kind, ownerId: owner.id }
    const side = { ...row, id: newId(this.#kind), config }
    const { file, config: read } = await this.#check(side, owner)
    const view = await this.#parts.store.insert({ ...side, config: read })
    if (file !== null) await this.#parts.files.bind(side.id, file)
    return this.#view(view, owner)
  }

  /** @throws {LatchworkError} as `create`; `conflict` */
  async update(id: string, change: SideChange, user: User): Promise<SideDetails> {
    const row = await this.find(id)
    refuseStale(await this.#view(row, user), change.was)
    const { name, description, credentialId = row.credentialId } = change
    const checked =
      change.credentialId !== undefined || change.config !== undefined
        ? await this.#check({ ...row, credentialId, config: change.config ?? null }, user, row.config)
        : null
    const view = await this.#parts.store.update(id, {
      name,
      description,
      credentialId: change.credentialId,
      config: checked?.config,
    })
    if (view === null) throw new LatchworkError(`${this.#kind}_not_found`)
    if (checked !== null) await this.#parts.files.bind(id, checked.file)
    return this.#view(view, user)
  }

  /** @throws {LatchworkError} `source_in_use`, `destination_in_use` with the flows that use it, as far as the person sees them */
  async delete(id: string, user: User): Promise<void> {
    await this.find(id)
    try {
      await this.#parts.store.erase(id)
    } catch (error) {
      if (!(error instanceof LatchworkError) || error.blockers === undefined) throw error
      const seen = await this.#parts.rules.seen(
        user,
        error.blockers.map((flow) => ({ kind: 'flow', id: flow.id })),
      )
      throw withBlockers(error, seen)
    }
  }

  async #view(row: SideView, user: User): Promise<SideDetails> {
    const [view] = await this.#views([row], user)
    if (view === undefined) throw new LatchworkError(`${this.#kind}_not_found`)
    return view
  }

  /** Leaves out deleted credentials, and the details of credentials that the person may not see. */
  async #views(rows: readonly SideView[], user: User): Promise<SideDetails[]> {
    const credentials = rows.flatMap(({ credentialId: id }) =>
      id === null ? [] : [{ kind: 'credential' as const, id }],
    )
    const seen = await this.#parts.rules.seen(user, credentials)
    return rows.map(({ kind: _kind, ownerId, ownerName, createdAt, updatedAt, lastUsedAt, ...row }) => {
      const there = row.credentialId !== null && row.credentialName !== null
      const shown = there && seen.has(row.credentialId ?? '')
      return {
        ...row,
        owner: { id: ownerId, name: ownerName ?? '' },
        config: { ...row.config },
        credentialId: shown ? row.credentialId : null,
        credentialName: shown ? row.credentialName : null,
        credentialHidden: there && !shown,
        createdAt: toTime(createdAt),
        updatedAt: toTime(updatedAt),
        lastUsedAt: toTimeOrNull(lastUsedAt),
      }
    })
  }

  /**
   * Requires that the person may use the credential and the file of a source or destination.
   * @param end its form is null if it does not change
   * @param before the form as it was
   * @returns the form to store, and the file that is read from now on, or that is written and named by its id; null if
   * there is none
   */
  async #check(
    side: Pick<SideView, 'id' | 'ownerId' | 'connector' | 'credentialId'> & {
      readonly config: Config | null
    },
    user: User,
    before: Config = {},
  ): Promise<{ config: Config; file: FileRow | null }> {
    const connector = connectorFor(this.#parts.connectors, this.#kind, side.connector)
    checkCredentialGiven(connector, side.credentialId)
    if (side.credentialId !== null) {
      const thing = { kind: 'credential', id: side.credentialId } as const
      await this.#parts.rules.require(memberOf(user), 'collaborator', thing)
      const credential = await this.#parts.credentials.find(side.credentialId)
      if (credential.connector !== side.connector) throw new LatchworkError('credential_wrong_connector')
      if (credential.status === 'draft') throw new LatchworkError('credential_draft')
    }
    const given = side.config ?? storedConfig(connector, this.#kind, before)
    const config = readConfig(connector, this.#kind, given, 'config')
    const named = namedFile(connector, config)
    if (named === null) return { config, file: null }
    const { files } = this.#parts
    if (this.#kind === 'source') {
      const isSame = named === namedFile(connector, before)
      return { config, file: await files.forSource(user.id, side, named, isSame) }
    }
    return { config, file: await files.checkWritable(user.id, named) }
  }
}

/**
 * A connector that can be a source or a destination.
 * @throws {LatchworkError} `connector_unknown`, `invalid_input` if it can't be used in this direction
 */
export function connectorFor(
  connectors: ReadonlyMap<string, Connector>,
  kind: SideKind,
  id: string,
): Connector {
  const connector = connectors.get(id)
  if (connector === undefined) throw new LatchworkError('connector_unknown')
  const able = kind === 'source' ? connector.openSource : connector.openDestination
  if (able !== undefined) return connector
  const message = `This connector can't be a data ${kind}.`
  throw invalidInput([{ field: 'connector', rule: 'direction', message }])
}

/** @throws {LatchworkError} `invalid_input` if a credential is missing, or given where none is needed */
export function checkCredentialGiven(connector: Connector, credentialId: string | null): void {
  const needed = connector.definition.methods.length > 0
  if (needed === (credentialId !== null)) return
  const message = needed ? 'Choose a credential first.' : 'This connector takes no credential.'
  throw invalidInput([{ field: 'credentialId', rule: needed ? 'required' : 'unknown', message }])
}
