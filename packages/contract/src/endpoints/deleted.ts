import { z } from 'zod'
import { credentialSchema } from '../credential.ts'
import { deletedCredentialSchema, moveUsageSchema } from '../deleted.ts'
import { defineEndpoint } from '../endpoint.ts'
import { useRefusals } from './refusals.ts'
import { of } from './shapes.ts'

/** What was deleted, brought back; and what is used, moved away so that it can be deleted. */
export const deletedCredentials = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/credentials/deleted',
    summary: 'Deleted credentials that can still be restored: yours, or all for an administrator',
    access: 'member',
    audit: null,
    response: z.object({ items: z.array(deletedCredentialSchema) }),
  }),
  restore: defineEndpoint({
    method: 'POST',
    path: '/api/credentials/{id}/restore',
    summary: 'Bring a deleted credential back within 7 days; one of OAuth is to be authorized again',
    ...of('credential', 'owner'),
    audit: { action: 'credential.restore', subject: 'params.id' },
    response: credentialSchema,
    roleFor: 'credential',
    errors: [...useRefusals, 'name_taken'],
  }),
  moveUsage: defineEndpoint({
    method: 'POST',
    path: '/api/credentials/{id}/move-usage',
    summary: 'Let everything that uses this credential use another one, at once',
    ...of('credential', 'admin'),
    audit: { action: 'credential.move_usage', subject: 'params.id' },
    body: moveUsageSchema,
    response: z.object({ moved: z.number().int() }),
    errors: [
      'credential_not_found',
      'credential_wrong_connector',
      'credential_draft',
      'identity_changed',
      'account_lacks',
    ],
  }),
}
