import * as a from '../audit.ts'
import { defineEndpoint } from '../endpoint.ts'

/** Besides these, `GET /api/audit/export` answers the entries as JSON lines, oldest first. */
export const audit = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/audit',
    summary: 'What was done, by whom and from where; newest first',
    access: 'admin',
    audit: null,
    query: a.auditListQuerySchema,
    response: a.auditPageSchema,
  }),
  verify: defineEndpoint({
    method: 'POST',
    path: '/api/audit/verify',
    summary: 'Look for altered, removed or reordered entries',
    access: 'admin',
    audit: { action: 'audit.verify', subject: 'none' },
    response: a.auditVerdictSchema,
  }),
}
