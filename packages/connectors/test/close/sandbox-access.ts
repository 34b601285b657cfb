import type { Sandbox } from 'close-sandbox'
import type { ConnectorContext, CredentialAccess } from '../../src/index.ts'
import { testContext } from '../context.ts'

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

/** Surroundings whose Close is the sandbox, which shows at once what was written. */
export function sandboxContext(sandbox: Sandbox, parts: Partial<ConnectorContext> = {}): ConnectorContext {
  return testContext({
    closeApiUrl: sandbox.apiUrl,
    closeAppUrl: sandbox.appUrl,
    closeListLagMs: 300,
    ...parts,
  })
}
