import type { Json, JsonObject, Sandbox } from '../src/index.ts'

/** What came back, with the body parsed when it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: JsonObject
  readonly text: string
}

export type Call = (
  method: string,
  path: string,
  body?: Json | string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

export function basic(username: string, password = ''): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** Calls the REST API with these headers; JSON unless the body is a string. */
export function caller(sandbox: Sandbox, auth: Readonly<Record<string, string>> = keyOf(sandbox)): Call {
  return (method, path, body, headers = {}) =>
    send(`${sandbox.apiUrl}/api/v1${path}`, method, body, {
      'content-type': 'application/json',
      ...auth,
      ...headers,
    })
}

export async function send(
  url: string,
  method: string,
  body?: Json | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const response = await fetch(url, { method, headers, redirect: 'manual', ...sent })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: parsed(text), text }
}

export function keyOf(sandbox: Sandbox, number = 0): Record<string, string> {
  return basic(sandbox.apiKeys[number]?.key ?? '')
}

/** Posts a form to the token or revoke endpoint. */
export function postForm(
  sandbox: Sandbox,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(`${sandbox.apiUrl}${path}`, 'POST', new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })
}

/** The client id and secret of the seeded OAuth app, as form fields. */
export function clientForm(sandbox: Sandbox): { client_id: string; client_secret: string } {
  const [app] = sandbox.oauthApps
  return { client_id: app?.clientId ?? '', client_secret: app?.clientSecret ?? '' }
}

/** A fresh pair of tokens. */
export async function tokensOf(
  sandbox: Sandbox,
  organizationId?: string,
): Promise<{ access: string; refresh: string }> {
  const { client_id } = clientForm(sandbox)
  const code = sandbox.control.authorize({
    clientId: client_id,
    ...(organizationId ? { organizationId } : {}),
  })
  const answer = await postForm(sandbox, '/oauth2/token/', {
    ...clientForm(sandbox),
    grant_type: 'authorization_code',
    code,
  })
  return { access: String(answer.body['access_token']), refresh: String(answer.body['refresh_token']) }
}

export function refresh(sandbox: Sandbox, refreshToken: string): Promise<Answer> {
  return postForm(sandbox, '/oauth2/token/', {
    ...clientForm(sandbox),
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  })
}

/** The objects in `data`. */
export function rowsOf({ body }: Answer): JsonObject[] {
  const { data } = body
  return Array.isArray(data) ? data.filter(isObject) : []
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function idOf(record: JsonObject | undefined): string {
  return String(record?.['id'])
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
