import type { JsonObject } from '../json.ts'

/**
 * The answer of `/.well-known/oauth-authorization-server`.
 * @see https://www.rfc-editor.org/rfc/rfc8414
 */
export function authorizationServerMetadata(origin: string): JsonObject {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/oauth2/authorize/`,
    token_endpoint: `${origin}/oauth2/token/`,
    revocation_endpoint: `${origin}/oauth2/revoke/`,
    registration_endpoint: `${origin}/oauth2/register/`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: ['all.full_access', 'offline_access'],
  }
}
