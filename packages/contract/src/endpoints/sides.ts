import { z } from 'zod'
import { fieldOptionSchema } from '../connector.ts'
import { defineEndpoint } from '../endpoint.ts'
import * as f from '../flow.ts'
import { offeredStreamSchema } from '../flow-streams.ts'
import { previewSchema } from '../preview.ts'
import { storedFileSchema } from '../stored-file.ts'
import { sideRefusals, useRefusals } from './refusals.ts'
import { listQuery, of, ownerFilterSchema, pageOf } from './shapes.ts'

const sourceErrors = [
  ...useRefusals,
  'connector_unknown',
  'credential_wrong_connector',
  'file_not_found',
  'file_invalid',
  'stream_unavailable',
  'streams_not_chosen',
] as const

/** What sources and destinations have in common. */
function endpointsOf<P extends z.ZodType>(
  kind: 'source' | 'destination',
  sideSchema: typeof f.sourceSchema,
  patchSchema: P,
) {
  const path: string = `/api/${kind}s`
  return {
    list: defineEndpoint({
      method: 'GET',
      path,
      summary: `Data ${kind}s`,
      access: 'member',
      audit: null,
      query: listQuery.extend({ owner: ownerFilterSchema }),
      response: pageOf(sideSchema),
      roleFor: kind,
    }),
    create: defineEndpoint({
      method: 'POST',
      path,
      summary: `Make a data ${kind}`,
      access: 'member',
      audit: { action: `${kind}.create`, subject: 'answer' },
      creates: 'always',
      body: f.sideCreateSchema,
      response: sideSchema,
      roleFor: kind,
      errors: [...sideRefusals],
    }),
    get: defineEndpoint({
      method: 'GET',
      path: `${path}/{id}`,
      summary: `One data ${kind}`,
      ...of(kind, 'collaborator'),
      audit: null,
      response: sideSchema,
      roleFor: kind,
      errors: [`${kind}_not_found`],
    }),
    update: defineEndpoint({
      method: 'PATCH',
      path: `${path}/{id}`,
      summary: `Change a data ${kind}`,
      ...of(kind, 'admin'),
      audit: { action: `${kind}.update`, subject: 'params.id' },
      body: patchSchema,
      response: sideSchema,
      roleFor: kind,
      errors: ['conflict', ...(kind === 'source' ? (['account_lacks'] as const) : []), ...sideRefusals],
    }),
    delete: defineEndpoint({
      method: 'DELETE',
      path: `${path}/{id}`,
      summary: `Delete a data ${kind} that no flow uses`,
      ...of(kind, 'owner'),
      audit: { action: `${kind}.delete`, subject: 'params.id' },
      errors: [`${kind}_not_found`, `${kind}_in_use`],
    }),
  }
}

/** A parameter of a stream, whose choices are the account's own. */
const parameterSchema = z.object({ stream: z.string().max(200), parameter: z.string().max(64) })
const parameterOptions = z.object({ items: z.array(fieldOptionSchema) })

const offeredStreams = z.object({ items: z.array(offeredStreamSchema) })

export const sources = {
  ...endpointsOf('source', f.sourceSchema, f.sourcePatchSchema),
  sample: defineEndpoint({
    method: 'POST',
    path: '/api/sources/sample',
    summary: 'The first records of a source that is not saved',
    access: 'member',
    audit: { action: 'source.sample', subject: 'none' },
    share: 'checks',
    body: f.sourceSampleRequestSchema,
    response: f.sourceSampleSchema,
    errors: sourceErrors,
  }),
  streams: defineEndpoint({
    method: 'GET',
    path: '/api/sources/{id}/streams',
    summary: 'The streams that a source offers to your flows',
    ...of('source', 'collaborator'),
    audit: { action: 'source.streams', subject: 'params.id' },
    share: 'checks',
    response: offeredStreams,
    errors: ['source_not_found', ...sourceErrors],
  }),
  offered: defineEndpoint({
    method: 'POST',
    path: '/api/sources/streams',
    summary: 'The streams that a source offers that is not saved',
    access: 'member',
    audit: { action: 'source.streams', subject: 'none' },
    share: 'checks',
    body: f.sampleRequestSchema,
    response: offeredStreams,
    errors: sourceErrors,
  }),
  options: defineEndpoint({
    method: 'GET',
    path: '/api/sources/{id}/options',
    summary: 'What the account has to choose from for a parameter of a stream, at most 5,000 of it',
    ...of('source', 'collaborator'),
    audit: { action: 'source.options', subject: 'params.id' },
    share: 'checks',
    query: parameterSchema,
    response: parameterOptions,
    errors: ['source_not_found', ...sourceErrors],
  }),
  offeredOptions: defineEndpoint({
    method: 'POST',
    path: '/api/sources/options',
    summary: 'The same of a source that is not saved',
    access: 'member',
    audit: { action: 'source.options', subject: 'none' },
    share: 'checks',
    body: f.sampleRequestSchema.extend({ of: parameterSchema }),
    response: parameterOptions,
    errors: sourceErrors,
  }),
}

export const destinations = {
  ...endpointsOf('destination', f.destinationSchema, f.sidePatchSchema),
  preview: defineEndpoint({
    method: 'POST',
    path: '/api/destinations/preview',
    summary: 'What a destination would do with the first records of a source; writes nothing',
    access: 'member',
    audit: { action: 'destination.preview', subject: 'none' },
    share: 'checks',
    body: f.previewRequestSchema,
    response: previewSchema,
    errors: [
      ...useRefusals,
      'connector_unknown',
      'credential_wrong_connector',
      'mapping_invalid',
      'file_not_found',
      'file_invalid',
      'forbidden',
    ],
  }),
}

export const files = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/files',
    summary: 'Files that flows read and write: your own, and those shared with you',
    access: 'member',
    audit: null,
    query: listQuery.omit({ query: true }),
    response: pageOf(storedFileSchema),
    roleFor: 'file',
  }),
  delete: defineEndpoint({
    method: 'DELETE',
    path: '/api/files/{id}',
    summary: 'Delete a file',
    ...of('file', 'owner'),
    audit: { action: 'file.delete', subject: 'params.id' },
    errors: ['file_not_found'],
  }),
}
