import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import * as f from '../flow.ts'
import * as s from '../flow-scope.ts'
import { of } from './shapes.ts'

/** What keeps a run from being started. */
export const startRefusals = [
  'run_active',
  'access_withdrawn',
  'credential_failed',
  'file_not_found',
  'share_exceeded',
] as const

/** Runs that somebody starts, and what the streams of a flow stand at between them. */
export const flowRuns = {
  run: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/run',
    summary: 'Run a flow now',
    ...of('flow', 'operator'),
    audit: { action: 'flow.run', subject: 'params.id' },
    creates: 'always',
    body: s.flowRunSchema,
    response: f.runSchema,
    roleFor: 'flow',
    errors: ['repeat_creates', ...startRefusals],
  }),
  streams: defineEndpoint({
    method: 'GET',
    path: '/api/flows/{id}/streams',
    summary: 'The streams of a flow, and what the next run reads of each',
    ...of('flow', 'collaborator'),
    audit: null,
    response: z.object({ items: z.array(s.streamStandSchema) }),
    errors: ['flow_not_found'],
  }),
  reset: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/reset',
    summary: 'Forget how far streams of a flow were read: the next run reads them whole',
    ...of('flow', 'operator'),
    audit: { action: 'flow.reset', subject: 'params.id' },
    body: s.flowResetSchema,
    response: z.object({ items: z.array(s.streamStandSchema) }),
    errors: ['flow_not_found', 'run_active'],
  }),
  backfill: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/backfill',
    summary: 'Read again what was created or changed in a stream of a flow on some days: a run of its own',
    ...of('flow', 'operator'),
    audit: { action: 'flow.backfill', subject: 'params.id' },
    creates: 'always',
    body: s.flowBackfillSchema,
    response: f.runSchema,
    roleFor: 'flow',
    errors: ['backfill_unsupported', ...startRefusals],
  }),
}
