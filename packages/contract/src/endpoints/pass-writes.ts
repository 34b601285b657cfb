import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import { idSchema } from '../ids.ts'
import { passWriteDetailsSchema, passWriteSchema } from '../pass-write.ts'
import { of } from './shapes.ts'

/** Who decides about a write manages its pass, and may use its credential. */
const decides = of('pass', 'admin')
const aboutOne = {
  access: decides.access,
  params: decides.params.extend({ writeId: idSchema('write') }),
}
const refusals = ['pass_not_found', 'forbidden', 'credential_not_found'] as const

export const passWrites = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/passes/{id}/writes',
    summary: 'Writes of a pass that wait for a person, and the last ones that were decided, the newest first',
    ...decides,
    audit: null,
    response: z.object({ items: z.array(passWriteSchema) }),
    errors: [...refusals],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/api/passes/{id}/writes/{writeId}',
    summary: 'What a write would change, before and after',
    ...aboutOne,
    audit: null,
    response: passWriteDetailsSchema,
    errors: [...refusals, 'write_not_found'],
  }),
  confirm: defineEndpoint({
    method: 'POST',
    path: '/api/passes/{id}/writes/{writeId}/confirm',
    summary: 'Send a write that waits',
    ...aboutOne,
    audit: { action: 'pass.confirm', subject: 'params.id' },
    /** As the details said it; left out: it is sent whatever the record has become. */
    query: z.object({ seen: z.string().max(100).optional() }),
    response: passWriteSchema,
    errors: [...refusals, 'write_not_found', 'write_decided', 'write_outdated'],
  }),
  refuse: defineEndpoint({
    method: 'POST',
    path: '/api/passes/{id}/writes/{writeId}/refuse',
    summary: 'Refuse a write that waits; it is never sent',
    ...aboutOne,
    audit: { action: 'pass.refuse', subject: 'params.id' },
    response: passWriteSchema,
    errors: [...refusals, 'write_not_found', 'write_decided'],
  }),
}
