import { timestamp } from '../clock.ts'
import { type ChangeContext, deleteRecord, insertRecord, shapeOf, updateRecord } from '../data/changes.ts'
import { type LeadMerge, mergeLeads } from '../data/merging.ts'
import { type ObjectKind, objectKind } from '../data/object-kinds.ts'
import type { Organization, TableName } from '../data/organization.ts'
import { present } from '../data/shapes.ts'
import type { JsonObject } from '../json.ts'
import { changeIn, dateOfChange, insertInto, removeFrom } from '../resources/collection-changes.ts'
import type { CollectionResource } from '../resources/collection-resource.ts'
import { collectionOf, isCollection, sampleFieldsOf } from '../resources/collections.ts'
import type { World } from '../world.ts'
import { defaultsOf } from './record-defaults.ts'

/** A record to change, found by its type and id. */
export interface RecordReference {
  /** Default: the first organization. */
  readonly organizationId?: string
  /** `lead`, `contact`, `task`, `note`, `custom_object`, ..., or a small collection: `playbook`, `email_template`, ... */
  readonly type: string
  readonly id: string
}

/** One direct change, for scripts that are given as data. */
export type Mutation =
  | ({ readonly action: 'edit'; readonly changes: JsonObject } & RecordReference)
  | ({ readonly action: 'delete' } & RecordReference)
  | ({ readonly action: 'merge'; readonly organizationId?: string } & LeadMerge)
  | {
      readonly action: 'insert'
      readonly organizationId?: string
      readonly type: string
      readonly record: JsonObject
    }

/** A record where it lies: in a table, or in a small collection. */
type Found =
  | { readonly context: ChangeContext; readonly table: TableName; readonly row: number }
  | { readonly context: ChangeContext; readonly kind: CollectionResource; readonly record: JsonObject }

/** Reads records as they are, and changes them without the client's knowledge. */
export class RecordControl {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Every record of that type as the API would show it now, in no particular order. */
  truth(organizationId: string, type: string): JsonObject[] {
    const organization = organizationOf(this.#world, organizationId)
    if (isCollection(organization.settings, type)) {
      return organization.settings[type]
        .all()
        .map((record) => collectionOf(type, record).show?.(record, organization) ?? record)
    }
    const { table, kinds } = kindOf(type)
    const rows = organization.tables[table]
    const records: JsonObject[] = []
    for (const row of rows.rows()) {
      if (kinds !== null && !kinds.includes(rows.kindOf(row))) continue
      const record = rows.record(row)
      records.push(present(shapeOf(table, record), record, organization))
    }
    return records
  }

  /** How many records of that type there are. Unlike `truth` it takes no time. */
  count(organizationId: string, type: string): number {
    const { settings, tables } = organizationOf(this.#world, organizationId)
    if (isCollection(settings, type)) return settings[type].all().length
    const { table, kinds } = kindOf(type)
    const rows = tables[table]
    let count = 0
    for (const row of rows.rows()) if (kinds === null || kinds.includes(rows.kindOf(row))) count += 1
    return count
  }

  /** Adds a record. Missing fields get the defaults of an entry by a person, or those of a sample. */
  insert(options: {
    readonly organizationId?: string
    readonly type: string
    readonly record: JsonObject
  }): JsonObject {
    const { type, record } = options
    const context = this.#context(options.organizationId)
    if (isCollection(context.organization.settings, type)) {
      return insertInto(collectionOf(type, record), context, { ...sampleFieldsOf(type, context), ...record })
    }
    const kind = kindOf(type)
    return insertRecord(context, kind.table, { ...defaultsOf(kind, context.organization), ...record })
  }

  /** Changes fields of a record; its date of change becomes now unless it is among the changes. */
  edit(reference: RecordReference & { readonly changes: JsonObject }): JsonObject {
    const found = this.#find(reference)
    if ('row' in found) return updateRecord(found.context, found.table, found.row, reference.changes)
    return changeIn(found.kind, found.context, found.record, reference.changes)
  }

  /** Changes many records at once: all get the same date of change, as in a bulk edit. */
  bulkEdit(options: {
    readonly organizationId?: string
    readonly type: string
    readonly ids: readonly string[]
    readonly changes: JsonObject
  }): void {
    const nowMs = this.#world.clock.now()
    for (const id of options.ids) {
      const found = this.#find({ ...options, id })
      const date = 'row' in found ? { date_updated: timestamp(nowMs) } : dateOfChange(found.kind, nowMs)
      this.edit({ ...options, id, changes: { ...date, ...options.changes } })
    }
  }

  /** Deletes a record, a lead with all its children. */
  remove(reference: RecordReference): void {
    const found = this.#find(reference)
    if ('row' in found) deleteRecord(found.context, found.table, found.row)
    else removeFrom(found.kind, found.context, found.record)
  }

  /** Moves everything of one lead to another and deletes the first, at once. */
  merge({ organizationId, ...merge }: LeadMerge & { readonly organizationId?: string }): void {
    mergeLeads(this.#context(organizationId), merge)
  }

  /** Keeps a record out of searches for that long, while others that are younger are found. */
  keepFromSearch({ milliseconds, ...reference }: RecordReference & { readonly milliseconds: number }): void {
    const found = this.#find(reference)
    if (!('row' in found)) throw new Error(`A ${reference.type} is not searched.`)
    found.context.organization.tables[found.table].keepFromSearch(
      found.row,
      this.#world.clock.now() + milliseconds,
    )
  }

  mutate(mutation: Mutation): void {
    switch (mutation.action) {
      case 'insert':
        this.insert(mutation)
        return
      case 'edit':
        this.edit(mutation)
        return
      case 'merge':
        this.merge(mutation)
        return
      case 'delete':
        this.remove(mutation)
    }
  }

  #find({ organizationId, type, id }: RecordReference): Found {
    const context = this.#context(organizationId)
    const { settings, tables } = context.organization
    const missing = new Error(`There is no ${type} ${id}.`)
    if (isCollection(settings, type)) {
      const record = settings[type].get(id)
      if (record === undefined) throw missing
      return { context, kind: collectionOf(type, record), record }
    }
    const { table } = kindOf(type)
    const row = tables[table].rowOf(id)
    if (row === undefined) throw missing
    return { context, table, row }
  }

  #context(organizationId: string | undefined): ChangeContext {
    return controlContext(this.#world, organizationId)
  }
}

/** The context of a change that nobody asked the API for. */
export function controlContext(world: World, organizationId: string | undefined): ChangeContext {
  return {
    organization: organizationOf(world, organizationId),
    nowMs: world.clock.now(),
    actor: {
      userId: null,
      apiKeyId: null,
      oauthClientId: null,
      method: 'POST',
      path: '/__control/',
      requestId: null,
    },
  }
}

function kindOf(type: string): ObjectKind {
  const kind = objectKind(type)
  if (!kind) throw new Error(`There are no records of type ${type}.`)
  return kind
}

/** Finds an organization by its id; without an id, the first one. @throws Error for an unknown id */
export function organizationOf({ organizations }: World, organizationId: string | undefined): Organization {
  const found =
    organizationId === undefined ? [...organizations.values()][0] : organizations.get(organizationId)
  if (!found) throw new Error(`There is no organization ${organizationId}.`)
  return found
}
