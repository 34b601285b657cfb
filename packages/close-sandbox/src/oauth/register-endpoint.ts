import { type HttpAnswer, type HttpRequest, jsonAnswer, mediaType } from '../http/http.ts'
import { isObject, listOf, parseJson, textOf } from '../json.ts'
import type { Grants } from './grants.ts'

/**
 * `POST /oauth2/register/`: another application. Its redirect addresses must be https.
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3
 */
export function registerEndpoint(request: HttpRequest, grants: Grants, nowMs: number): HttpAnswer {
  const body = mediaType(request) === 'application/json' ? parseJson(request.body) : undefined
  if (!isObject(body)) return refusal('invalid_client_metadata', 'Send the metadata of the client as JSON.')
  const uris = listOf(body, 'redirect_uris').map(String)
  if (uris.length === 0 || !uris.every((uri) => URL.canParse(uri) && new URL(uri).protocol === 'https:')) {
    return refusal('invalid_redirect_uri', 'redirect_uris must be https addresses.')
  }
  const method = textOf(body, 'token_endpoint_auth_method') ?? 'client_secret_basic'
  if (method !== 'client_secret_basic' && method !== 'client_secret_post') {
    return refusal('invalid_client_metadata', 'The sandbox has no clients without a secret.')
  }
  const app = grants.addApp(textOf(body, 'client_name') ?? 'Registered app', uris)
  return jsonAnswer(
    201,
    {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      client_id_issued_at: Math.floor(nowMs / 1_000),
      client_secret_expires_at: 0,
      client_name: app.name,
      redirect_uris: uris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: method,
    },
    { 'cache-control': 'no-store' },
  )
}

function refusal(error: string, error_description: string): HttpAnswer {
  return jsonAnswer(400, { error, error_description })
}
