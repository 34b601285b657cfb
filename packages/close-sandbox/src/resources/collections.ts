import type { Endpoints } from '../api/request.ts'
import type { ChangeContext } from '../data/changes.ts'
import type { Organization } from '../data/organization.ts'
import type { CollectionName, Settings } from '../data/settings.ts'
import type { JsonObject } from '../json.ts'
import { hash32 } from '../random.ts'
import { type CollectionResource, collectionEndpoints } from './collection-resource.ts'
import { type SampledResource, type SampleSpan, sampleFields, seedCollections } from './collection-samples.ts'
import { CONNECTED_ACCOUNTS } from './connected-accounts.ts'
import { CUSTOM_FIELD_RESOURCES } from './custom-fields.ts'
import { JOB_RESOURCES } from './job-resources.ts'
import { COMMENT_RESOURCES, MESSAGE_RESOURCES } from './message-resources.ts'
import { OFFICE_RESOURCES } from './office-resources.ts'
import { PHONE_RESOURCES } from './phone-resources.ts'
import { SETTINGS_RESOURCES } from './settings.ts'
import { WEBHOOKS } from './webhooks.ts'

/** The collections with sample records. What others refer to stands first. */
const SAMPLED: readonly SampledResource[] = [
  CONNECTED_ACCOUNTS,
  WEBHOOKS,
  ...OFFICE_RESOURCES,
  ...PHONE_RESOURCES,
  ...MESSAGE_RESOURCES,
  ...COMMENT_RESOURCES,
  ...JOB_RESOURCES,
]

/** Every small collection: one row says where it is, what it is like and what can be done with it. */
const COLLECTIONS: readonly CollectionResource[] = [
  ...SETTINGS_RESOURCES,
  ...CUSTOM_FIELD_RESOURCES,
  ...SAMPLED,
]

/** The endpoints of all small collections. */
export const collectionsEndpoints: Endpoints = {
  ...Object.assign({}, ...COLLECTIONS.map(collectionEndpoints)),
  '/blocked_phone_number/settings/': {
    GET: () => ({ status: 200, body: { reject_anonymous_inbound_calls: false } }),
  },
}

/** Fills the collections of a new organization. */
export function seedOrganization(
  organization: Organization,
  seed: string,
  sizes: Readonly<Partial<Record<CollectionName, number>>>,
  span: SampleSpan,
): void {
  seedCollections(organization, seed, SAMPLED, sizes, span)
}

/** Whether a word names one of the small collections. */
export function isCollection(settings: Settings, word: string): word is CollectionName {
  return Object.hasOwn(settings, word)
}

/** The row for a record of that collection, by whose rules it is changed. */
export function collectionOf(name: CollectionName, record: JsonObject): CollectionResource {
  const found = COLLECTIONS.find(
    (resource) => resource.collection === name && (resource.includes?.(record) ?? true),
  )
  if (!found) throw new Error(`There are no records like that in ${name}.`)
  return found
}

/** What a new record of that collection has unless it is given otherwise; nothing where there are no samples. */
export function sampleFieldsOf(name: CollectionName, { organization, nowMs }: ChangeContext): JsonObject {
  const resource = SAMPLED.find(({ collection }) => collection === name)
  if (!resource) return {}
  const number = organization.settings[name].all().length
  return sampleFields(resource, organization, hash32(organization.id), number, {
    fromMs: nowMs,
    untilMs: nowMs,
  })
}
