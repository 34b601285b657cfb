import type { Endpoints } from '../api/request.ts'
import type { Organization } from '../data/organization.ts'
import type { CollectionName } from '../data/settings.ts'
import type { JsonObject } from '../json.ts'
import { type CollectionResource, collectionEndpoints } from './collection-resource.ts'
import { type SampledResource, type SampleSpan, seedCollections } from './collection-samples.ts'
import { CUSTOM_FIELD_RESOURCES } from './custom-fields.ts'
import { JOB_RESOURCES } from './job-resources.ts'
import { COMMENT_RESOURCES, MESSAGE_RESOURCES } from './message-resources.ts'
import { CONNECTED_ACCOUNTS, OFFICE_RESOURCES } from './office-resources.ts'
import { PHONE_RESOURCES } from './phone-resources.ts'
import { SETTINGS_RESOURCES } from './settings.ts'

/** The collections with sample records. What others refer to stands first. */
const SAMPLED: readonly SampledResource[] = [
  CONNECTED_ACCOUNTS,
  ...OFFICE_RESOURCES,
  ...PHONE_RESOURCES,
  ...MESSAGE_RESOURCES,
  ...COMMENT_RESOURCES,
  ...JOB_RESOURCES,
]

/** Every small collection: one row says where it is, what it is like and what can be done with it. */
export const COLLECTIONS: readonly CollectionResource[] = [
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

/** The row for a record of that collection, by whose rules it is changed; undefined when there is none. */
export function collectionOf(name: string, record: JsonObject): CollectionResource | undefined {
  return COLLECTIONS.find((resource) => resource.collection === name && (resource.includes?.(record) ?? true))
}
