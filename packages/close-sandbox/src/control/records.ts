import { timestamp } from '../clock.ts'
import { type ChangeContext, deleteRecord, insertRecord, shapeOf, updateRecord } from '../data/changes.ts'
import { type ObjectKind, objectKind } from '../data/object-kinds.ts'
import type { Organization } from '../data/organization.ts'
import { present } from '../data/shapes.ts'
import type { JsonObject } from '../json.ts'
import type { World } from '../world.ts'

/** A record to change, found by its type (`lead`, `contact`, `task`, `note`, ...) and id. */
export interface RecordReference {
  /** Default: the first organization. */
  readonly organizationId?: string
  readonly type: string
  readonly id: string
}

/** One direct change, for scripts that are given as data. */
export type Mutation =
  | ({ readonly action: 'edit'; readonly changes: JsonObject } & RecordReference)
  | ({ readonly action: 'delete' } & RecordReference)
  | {
      readonly action: 'insert'
      readonly organizationId?: string
      readonly type: string
      readonly record: JsonObject
    }

/** Reads records as they are, and changes them without the client's knowledge. */
export class RecordControl {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Every record of that type as the API would show it now, in no particular order. */
  truth(organizationId: string, type: string): JsonObject[] {
    const organization = organizationOf(this.#world, organizationId)
    const { table, kinds } = this.#kind(type)
    const rows = organization.tables[table]
    const records: JsonObject[] = []
    for (const row of rows.rows()) {
      if (kinds !== null && !kinds.includes(rows.kindOf(row))) continue
      const record = rows.record(row)
      records.push(present(shapeOf(table, record), record, organization))
    }
    return records
  }

  /** Adds a record. Missing fields get the defaults of an entry by a person. */
  insert(options: {
    readonly organizationId?: string
    readonly type: string
    readonly record: JsonObject
  }): JsonObject {
    const context = this.#context(options.organizationId)
    const { table, kinds } = this.#kind(options.type)
    const [kind] = kinds ?? [table === 'task' ? 'lead' : null]
    const status = context.organization.settings.lead_status.all()[0]?.['id'] ?? null
    const defaults: JsonObject = {
      ...(kind ? { _type: kind } : {}),
      ...(table === 'lead'
        ? { name: null, description: '', url: null, addresses: [], status_id: status }
        : {}),
      ...(table === 'contact' ? { name: null, title: null, emails: [], phones: [], urls: [] } : {}),
      ...(table === 'task'
        ? { assigned_to: null, text: '', date: null, is_complete: false, contact_id: null }
        : {}),
      ...(table === 'activity' ? { contact_id: null, user_id: null, users: [] } : {}),
    }
    return insertRecord(context, table, { ...defaults, ...options.record })
  }

  /** Changes fields of a record; `date_updated` becomes now unless it is among the changes. */
  edit(reference: RecordReference & { readonly changes: JsonObject }): JsonObject {
    const { context, table, row } = this.#find(reference)
    return updateRecord(context, table, row, reference.changes)
  }

  /** Changes many records at once: all get the same `date_updated`, as in a bulk edit. */
  bulkEdit(options: {
    readonly organizationId?: string
    readonly type: string
    readonly ids: readonly string[]
    readonly changes: JsonObject
  }): void {
    const date_updated = timestamp(this.#world.clock.now())
    for (const id of options.ids) this.edit({ ...options, id, changes: { date_updated, ...options.changes } })
  }

  /** Deletes a record, a lead with all its children. */
  remove(reference: RecordReference): void {
    const { context, table, row } = this.#find(reference)
    deleteRecord(context, table, row)
  }

  mutate(mutation: Mutation): void {
    if (mutation.action === 'insert') this.insert(mutation)
    else if (mutation.action === 'edit') this.edit(mutation)
    else this.remove(mutation)
  }

  #find(reference: RecordReference) {
    const context = this.#context(reference.organizationId)
    const { table } = this.#kind(reference.type)
    const row = context.organization.tables[table].rowOf(reference.id)
    if (row === undefined) throw new Error(`There is no ${reference.type} ${reference.id}.`)
    return { context, table, row }
  }

  #context(organizationId: string | undefined): ChangeContext {
    return {
      organization: organizationOf(this.#world, organizationId),
      nowMs: this.#world.clock.now(),
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

  #kind(type: string): ObjectKind {
    const kind = objectKind(type)
    if (!kind) throw new Error(`There are no records of type ${type}.`)
    return kind
  }
}

/** Finds an organization by its id; without an id, the first one. @throws Error for an unknown id */
export function organizationOf({ organizations }: World, organizationId: string | undefined): Organization {
  const found =
    organizationId === undefined ? [...organizations.values()][0] : organizations.get(organizationId)
  if (!found) throw new Error(`There is no organization ${organizationId}.`)
  return found
}
