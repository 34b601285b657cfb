import type { User } from '../accounts/accounts.ts'
import type { Organization } from '../data/organization.ts'
import { newerId } from '../data/sample-source.ts'
import type { CollectionName } from '../data/settings.ts'
import type { Table } from '../data/table.ts'
import { type JsonObject, textOf } from '../json.ts'
import { hash32, Random } from '../random.ts'
import { madeBetween } from './collection-changes.ts'
import type { CollectionResource } from './collection-resource.ts'

/** What a sample record of a small collection is made of. */
export interface SampleMaking {
  readonly organization: Organization
  readonly random: Random
  /** Counted from 0. */
  readonly number: number
  readonly createdMs: number
  readonly updatedMs: number
  readonly user: User
  /** The id of a record of that collection, which stands before this one in the table; null when it is empty. */
  anyId(collection: CollectionName): string | null
  /** A record of that table; empty when there is none. */
  anyRecord(table: 'lead' | 'contact' | 'activity'): JsonObject
}

/** A collection that has sample records. */
export interface SampledResource extends CollectionResource {
  /** How many there are unless an option says otherwise. */
  readonly seeded: number
  /** The record without its id, its organization and its audit fields, unless it sets them. */
  readonly sample: (making: SampleMaking) => JsonObject
}

/** The span of time in which sample records are made and changed, in milliseconds. */
export interface SampleSpan {
  readonly fromMs: number
  readonly untilMs: number
}

/** Sample records that were changed together, and so have one date, come in groups of this size. */
const CHANGED_TOGETHER = 3

/** Fills an organization's collections. The same seed and sizes give the same records. */
export function seedCollections(
  organization: Organization,
  seed: string,
  resources: readonly SampledResource[],
  sizes: Readonly<Partial<Record<CollectionName, number>>>,
  span: SampleSpan,
): void {
  const seedNumber = hash32(`${seed} ${organization.id}`)
  for (const resource of resources) {
    const size = sizes[resource.collection] ?? resource.seeded
    for (let number = 0; number < size; number += 1) {
      const making = makingOf(resource, organization, seedNumber, number, span)
      const id = newerId(resource.idPrefix, { seed: seedNumber }, number, resource.idLength)
      organization.settings[resource.collection].put(id, {
        id,
        organization_id: organization.id,
        ...madeBetween(resource.audit, making.user.id, making.createdMs, making.updatedMs),
        ...resource.sample(making),
      })
    }
  }
}

/** What a sample record says, without its id, its organization and its audit fields. */
export function sampleFields(
  resource: SampledResource,
  organization: Organization,
  seed: number,
  number: number,
  span: SampleSpan,
): JsonObject {
  return resource.sample(makingOf(resource, organization, seed, number, span))
}

function makingOf(
  { path }: SampledResource,
  organization: Organization,
  seed: number,
  number: number,
  { fromMs, untilMs }: SampleSpan,
): SampleMaking {
  const random = new Random(seed, path, number)
  const users = organization.accounts.usersOf(organization.id)
  const [owner] = users
  if (!owner) throw new Error('An organization needs a user before its records.')
  const group = new Random(seed, path, 'group', Math.floor(number / CHANGED_TOGETHER))
  return {
    organization,
    random,
    number,
    user: users[random.whole(0, users.length - 1)] ?? owner,
    createdMs: fromMs + Math.floor(random.next() * (untilMs - fromMs) * 0.5),
    updatedMs: fromMs + Math.floor((0.5 + group.next() * 0.5) * (untilMs - fromMs)),
    anyId: (collection) => textOf(random.pickAny(organization.settings[collection].all()) ?? {}, 'id'),
    anyRecord: (table) => anyRecord(organization.tables[table], random),
  }
}

function anyRecord(table: Table, random: Random): JsonObject {
  const row = random.whole(0, Math.max(0, table.count - 1))
  return table.exists(row) ? table.record(row) : {}
}
