import type { OAuthServer } from '../interface.ts'

/**
 * Where Close grants access, hands out tokens and revokes them.
 * @param apiUrl origin of the API
 * @param appUrl origin of the page that people sign in to
 * @see https://developer.close.com/api/overview/oauth-authentication
 */
export function closeOAuthServer(apiUrl: string, appUrl: string): OAuthServer {
  return {
    issuer: apiUrl,
    authorizeUrl: `${appUrl}/oauth2/authorize/`,
    tokenUrl: `${apiUrl}/oauth2/token/`,
    revokeUrl: `${apiUrl}/oauth2/revoke/`,
    clientAuthentication: 'form',
    organizationField: 'organization_id',
    endByHand:
      'In Close, remove the access of your OAuth app, or delete the app under Settings > Developer > OAuth Apps.',
  }
}
