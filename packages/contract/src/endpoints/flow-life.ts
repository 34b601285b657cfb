import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import * as f from '../flow.ts'
import { flowDraftSchema, flowDuplicateSchema, flowOverlapsSchema } from '../flow-life.ts'
import { lackingSchema } from '../lacking.ts'
import { of } from './shapes.ts'

/** Flows that are copied, and that write beside others. */
export const flowLife = {
  duplicate: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/duplicate',
    summary:
      'Make a copy of a flow that is yours, without its schedule, its runs and what it knows of its streams',
    ...of('flow', 'collaborator'),
    audit: { action: 'flow.duplicate', subject: 'answer' },
    creates: 'always',
    body: flowDuplicateSchema,
    response: f.flowSchema,
    roleFor: 'flow',
    errors: ['source_not_found', 'destination_not_found', 'name_taken', 'forbidden', 'streams_not_chosen'],
  }),
  lacking: defineEndpoint({
    method: 'GET',
    path: '/api/flows/{id}/lacking',
    summary: 'What a flow names of the accounts of its sides, and that they do not have; asks them',
    ...of('flow', 'collaborator'),
    audit: null,
    share: 'checks',
    response: z.object({ items: z.array(lackingSchema) }),
    errors: ['flow_not_found'],
  }),
  draftOverlaps: defineEndpoint({
    method: 'POST',
    path: '/api/flows/overlaps',
    summary: 'Flows that write to a table or file of one that is not saved yet',
    access: 'member',
    audit: null,
    body: flowDraftSchema,
    response: flowOverlapsSchema,
    errors: [
      'source_not_found',
      'destination_not_found',
      'credential_not_found',
      'forbidden',
      'connector_unknown',
    ],
  }),
  overlaps: defineEndpoint({
    method: 'GET',
    path: '/api/flows/{id}/overlaps',
    summary: 'Other flows that write to a table or file of this one',
    ...of('flow', 'collaborator'),
    audit: null,
    response: flowOverlapsSchema,
    errors: ['flow_not_found'],
  }),
}
