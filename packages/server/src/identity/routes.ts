import { endpoints } from '@latchwork/contract'
import { tellOfAttempt } from '../audit/recording.ts'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { Authentication } from './authentication.ts'
import type { SignInLimit } from './sign-in-limit.ts'

/** Registers sign-in, set-up and API tokens. */
export function registerAuthentication(
  app: HttpApp,
  authentication: Authentication,
  limit: SignInLimit,
): void {
  const { session, tokens } = endpoints

  registerPublicEndpoint(app, session.get, async ({ caller }) => ({
    user: caller?.user ?? null,
    needsSetup: caller === null && (await authentication.needsSetup()),
  }))
  registerPublicEndpoint(
    app,
    session.signIn,
    ({ body: { email, password }, request, reply }) => {
      tellOfAttempt(request, { email })
      return limit.attempt(request, email, async () => {
        const user = await authentication.signIn(email, password, reply)
        limit.remember(reply, email)
        return { user, needsSetup: false }
      })
    },
    { waits: true },
  )
  registerPublicEndpoint(
    app,
    session.setup,
    async ({ body: { token, ...administrator }, reply }) => {
      await authentication.setUp(token, administrator)
      const user = await authentication.signIn(administrator.email, administrator.password, reply)
      limit.remember(reply, administrator.email)
      return { user, needsSetup: false }
    },
    { before: limit.check },
  )
  registerEndpoint(app, session.signOut, ({ request, reply }) => authentication.signOut(request, reply), {
    waits: true, // the cookie is cleared once the session's end is committed
  })

  registerEndpoint(app, tokens.list, async ({ caller }) => ({
    items: await authentication.tokens(caller.user),
  }))
  registerEndpoint(app, tokens.create, ({ caller, body }) =>
    authentication.createToken(
      caller.user,
      body.name,
      body.expiresInDays,
      caller.via === 'token' ? caller.expiresAt : null,
    ),
  )
  registerEndpoint(app, tokens.delete, ({ caller, params }) =>
    authentication.revokeToken(caller.user, params.id),
  )
}
