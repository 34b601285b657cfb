import {
  accessListSchema,
  grantChangeSchema,
  pluralOf,
  type ResourceKind,
  transferSchema,
} from '../access.ts'
import { defineEndpoint } from '../endpoint.ts'
import { of } from './shapes.ts'

function accessTo<K extends ResourceKind>(resource: K) {
  const path: string = `/api/${pluralOf(resource)}/{id}/access`
  return {
    get: defineEndpoint({
      method: 'GET',
      path,
      summary: `Who may do what with a ${resource}`,
      ...of(resource, 'collaborator'),
      audit: null,
      response: accessListSchema,
      errors: [`${resource}_not_found`],
    }),
    set: defineEndpoint({
      method: 'PUT',
      path,
      summary: `Share a ${resource} with a member or with everyone, or stop sharing it`,
      ...of(resource, 'admin'),
      audit: { action: `${resource}.share`, subject: 'params.id' },
      body: grantChangeSchema,
      response: accessListSchema,
      errors: [`${resource}_not_found`, 'member_not_found'],
    }),
    transfer: defineEndpoint({
      method: 'POST',
      path: `${path}/transfer`,
      summary: `Hand a ${resource} over to another member; whoever had it stays an admin of it`,
      ...of(resource, 'owner'),
      audit: { action: `${resource}.transfer`, subject: 'params.id' },
      body: transferSchema,
      response: accessListSchema,
      errors: [
        `${resource}_not_found`,
        'member_not_found',
        'name_taken',
        'credential_draft',
        'file_space_full',
        'share_full',
      ],
    }),
  }
}

export const credentialAccess = accessTo('credential')
export const sourceAccess = accessTo('source')
export const destinationAccess = accessTo('destination')
export const flowAccess = accessTo('flow')
export const fileAccess = accessTo('file')
export const passAccess = accessTo('pass')
