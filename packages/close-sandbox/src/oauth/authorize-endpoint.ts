import type { Accounts, User } from '../accounts/accounts.ts'
import type { Clock } from '../clock.ts'
import type { Organization } from '../data/organization.ts'
import { type HttpAnswer, type HttpRequest, htmlAnswer, redirectAnswer } from '../http/http.ts'
import { type AuthorizationRequest, consentPage, problemPage } from './consent-page.ts'
import type { Grants } from './grants.ts'

/** What the page needs to know of the sandbox. */
export interface AuthorizeContext {
  readonly accounts: Accounts
  readonly grants: Grants
  readonly organizations: ReadonlyMap<string, Organization>
  readonly clock: Clock
}

/**
 * `/oauth2/authorize/`: GET shows the consent page, POST takes its form: `decision` (`allow` or `decline`),
 * `organization_id`, `user_id` and the query of the GET. A wrong client or redirect address is shown to the person and
 * never reported to the address.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1
 */
export function authorizeEndpoint(request: HttpRequest, context: AuthorizeContext): HttpAnswer {
  const params = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams
  const app = context.grants.apps.get(params.get('client_id') ?? '')
  if (!app) return problem('Unknown application', 'No OAuth app has this client_id.')
  const redirectUri = params.get('redirect_uri') ?? app.redirectUris[0]
  if (redirectUri === undefined || !app.redirectUris.includes(redirectUri)) {
    return problem(
      'Redirect address not registered',
      `The redirect_uri must be one of the addresses registered for ${app.name}, character for character.`,
    )
  }
  const state = params.get('state')
  const back = (answer: Record<string, string>): HttpAnswer =>
    redirectAnswer(302, withParams(redirectUri, answer, state))
  if (params.get('response_type') !== 'code') return back({ error: 'unsupported_response_type' })
  const codeChallenge = params.get('code_challenge')
  if (codeChallenge !== null && params.get('code_challenge_method') !== 'S256') {
    return back({ error: 'invalid_request', error_description: 'code_challenge_method must be S256' })
  }
  const authorization = { app, redirectUri, state, codeChallenge }
  const user = signedInUser(params.get('user_id'), context.accounts)
  if (!user) return problem('Nobody to sign in', 'Every user of this sandbox is deactivated.')
  if (request.method !== 'POST') return page(authorization, user, context)
  if (params.get('decision') === 'decline') return back({ error: 'access_denied' })
  const organizationId = params.get('organization_id') ?? ''
  if (params.get('decision') !== 'allow' || !context.accounts.mayActFor(user.id, organizationId)) {
    return page(authorization, user, context, 'Choose an organization first.')
  }
  const code = context.grants.consent(
    { clientId: app.clientId, userId: user.id, organizationId, redirectUri, codeChallenge },
    context.clock.now(),
  )
  return back({ code })
}

function page(
  authorization: AuthorizationRequest,
  user: User,
  context: AuthorizeContext,
  message?: string,
): HttpAnswer {
  const { accounts, organizations } = context
  const choices = accounts
    .membershipsOfUser(user.id)
    .flatMap(({ organizationId }) => organizations.get(organizationId) ?? [])
  const users = [...accounts.users.values()].filter(({ active }) => active)
  return htmlAnswer(
    message ? 400 : 200,
    consentPage({ authorization, user, users, choices, message: message ?? null }),
  )
}

/** The first active user is signed in unless another is asked for. */
function signedInUser(userId: string | null, accounts: Accounts): User | undefined {
  const active = [...accounts.users.values()].filter((user) => user.active)
  return active.find(({ id }) => id === userId) ?? active[0]
}

function problem(title: string, text: string): HttpAnswer {
  return htmlAnswer(400, problemPage(title, text))
}

/** Adds parameters to a redirect address without removing its own. `state` returns as it was sent. */
function withParams(redirectUri: string, params: Record<string, string>, state: string | null): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  if (state !== null) url.searchParams.set('state', state)
  return url.href
}
