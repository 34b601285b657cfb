import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import { idSchema } from '../ids.ts'
import * as p from '../pass.ts'
import { passObjectNames } from '../pass-objects.ts'
import { useRefusals } from './refusals.ts'
import { of, pageOf } from './shapes.ts'

const changeErrors = ['name_taken', 'pass_invalid', 'invalid_input'] as const

/** A person who says what a pass may do, or takes its token, must be allowed to use its credential. */
const credentialErrors = [
  'credential_not_found',
  'credential_wrong_connector',
  'credential_draft',
  'forbidden',
] as const

export const passes = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/passes',
    summary: 'Passes for the gateway: your own, and those shared with you',
    access: 'member',
    audit: null,
    query: p.passListQuerySchema,
    response: pageOf(p.passSchema),
    roleFor: 'pass',
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/api/passes',
    summary: 'Make a pass for a credential that you may use; the answer holds its token, once',
    access: 'member',
    audit: { action: 'pass.create', subject: 'answer.pass' },
    creates: 'always',
    body: p.passCreateSchema,
    response: p.passWithTokenSchema,
    errors: [...changeErrors, ...credentialErrors, ...useRefusals, 'share_full'],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/api/passes/{id}',
    summary: 'One pass',
    ...of('pass', 'collaborator'),
    audit: null,
    response: p.passSchema,
    roleFor: 'pass',
    errors: ['pass_not_found'],
  }),
  update: defineEndpoint({
    method: 'PATCH',
    path: '/api/passes/{id}',
    summary: 'Change what a pass may do, or until when',
    ...of('pass', 'admin'),
    audit: { action: 'pass.update', subject: 'params.id' },
    body: p.passPatchSchema,
    response: p.passSchema,
    roleFor: 'pass',
    errors: ['pass_not_found', 'pass_over', 'conflict', ...credentialErrors, ...useRefusals, ...changeErrors],
  }),
  rotate: defineEndpoint({
    method: 'POST',
    path: '/api/passes/{id}/rotate',
    summary: 'Give a pass a new token; the old one works for a while longer',
    ...of('pass', 'admin'),
    audit: { action: 'pass.rotate', subject: 'params.id' },
    body: p.passRotateSchema,
    response: p.passWithTokenSchema,
    errors: ['pass_not_found', 'pass_over', ...credentialErrors],
  }),
  revoke: defineEndpoint({
    method: 'POST',
    path: '/api/passes/{id}/revoke',
    summary: 'End a pass at once, in every process',
    ...of('pass', 'operator'),
    audit: { action: 'pass.revoke', subject: 'params.id' },
    response: p.passSchema,
    roleFor: 'pass',
    errors: ['pass_not_found'],
  }),
  delete: defineEndpoint({
    method: 'DELETE',
    path: '/api/passes/{id}',
    summary: 'Delete a pass with the record of its calls',
    ...of('pass', 'owner'),
    audit: { action: 'pass.delete', subject: 'params.id' },
    errors: ['pass_not_found'],
  }),
  calls: defineEndpoint({
    method: 'GET',
    path: '/api/passes/{id}/calls',
    summary: 'The calls of a pass, the newest first',
    ...of('pass', 'collaborator'),
    audit: null,
    query: p.passCallsQuerySchema,
    response: z.object({ items: z.array(p.passCallSchema), nextCursor: z.string().nullable() }),
    errors: ['pass_not_found'],
  }),
  counts: defineEndpoint({
    method: 'GET',
    path: '/api/passes/{id}/counts',
    summary: 'How many calls a pass made, by hour',
    ...of('pass', 'collaborator'),
    audit: null,
    query: z.object({ days: z.coerce.number().int().min(1).max(31).default(7) }),
    response: p.passCountsSchema,
    errors: ['pass_not_found'],
  }),
  verify: defineEndpoint({
    method: 'GET',
    path: '/api/passes/verify',
    summary: 'Compare the stored calls of all passes with the hourly seals in the audit log',
    access: 'admin',
    audit: null,
    response: p.passSealsSchema,
  }),
  smartViews: defineEndpoint({
    method: 'GET',
    path: '/api/passes/smart-views',
    summary: 'The smart views of leads that a pass for a credential can be limited to, at most 5,000',
    access: 'member',
    audit: { action: 'pass.smart_views', subject: 'none' },
    share: 'checks',
    query: z.object({ credential: idSchema('credential') }),
    response: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
    errors: [...credentialErrors, ...useRefusals],
  }),
  fields: defineEndpoint({
    method: 'GET',
    path: '/api/passes/fields',
    summary: 'The fields of an object that a pass for a credential can be limited to, with their labels',
    access: 'member',
    audit: { action: 'pass.fields', subject: 'none' },
    share: 'checks',
    query: z.object({ credential: idSchema('credential'), object: z.enum(passObjectNames) }),
    response: z.object({ items: z.array(p.passFieldSchema) }),
    errors: [...credentialErrors, ...useRefusals],
  }),
  preview: defineEndpoint({
    method: 'POST',
    path: '/api/passes/preview',
    summary: 'Whether rules would allow a request, and what they say in words',
    access: 'member',
    audit: null,
    body: z.strictObject({
      rules: p.passRulesSchema,
      confirmWrites: z.boolean().default(false),
      requests: z
        .array(
          z.strictObject({
            method: z.string().max(10),
            /** With its query, below `/api/v1`. */
            path: z.string().max(2000),
            body: z.unknown().optional(),
          }),
        )
        .max(100)
        .default([]),
    }),
    response: z.object({
      may: z.string(),
      mayNot: z.string(),
      /** In the order of the requests; null: allowed, as far as it is seen without asking Close. */
      denials: z.array(z.object({ code: z.string(), message: z.string() }).nullable()),
    }),
  }),
}
