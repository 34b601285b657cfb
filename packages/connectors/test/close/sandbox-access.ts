import type { Sandbox } from 'close-sandbox'
import type { Connector, CredentialAccess } from '../../src/index.ts'
import { testClose } from '../context.ts'

/** A credential for the sandbox's first organization, by its admin's API key unless another is given. */
export function keyCredential(
  sandbox: Sandbox,
  apiKey = sandbox.apiKeys[0]?.key ?? '',
  organizationId: string | null = sandbox.organizations[0]?.id ?? '',
): CredentialAccess {
  return {
    id: 'cred_0000000000000000000001',
    method: 'api_key',
    organizationId,
    values: {},
    secret: async () => apiKey,
    accessToken: () => Promise.reject(new Error('an API key has no access token')),
    rejected: async () => false,
  }
}

/** The connector to the sandbox, which shows at once what was written. */
export function sandboxConnector(sandbox: Sandbox, parts: Parameters<typeof testClose>[0] = {}): Connector {
  return testClose({ apiUrl: sandbox.apiUrl, appUrl: sandbox.appUrl, listLagMs: 300, ...parts })
}
