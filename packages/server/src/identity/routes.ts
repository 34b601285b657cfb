import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { Accounts } from './accounts.ts'
import type { SignInLimit } from './sign-in-limit.ts'

/** Registers sign-in, set-up and API tokens. */
export function registerAccounts(app: HttpApp, accounts: Accounts, limit: SignInLimit): void {
  const { session, tokens } = endpoints

  registerPublicEndpoint(app, session.get, async ({ caller }) => ({
    user: caller?.user ?? null,
    needsSetup: caller === null && (await accounts.needsSetup()),
  }))
  registerPublicEndpoint(
    app,
    session.signIn,
    ({ body: { email, password }, request, reply }) =>
      limit.attempt(request, email, async () => {
        const user = await accounts.signIn(email, password, reply)
        limit.remember(reply, email)
        return { user, needsSetup: false }
      }),
    { waits: true },
  )
  registerPublicEndpoint(
    app,
    session.setup,
    async ({ body: { token, ...administrator }, reply }) => {
      await accounts.setUp(token, administrator)
      const user = await accounts.signIn(administrator.email, administrator.password, reply)
      limit.remember(reply, administrator.email)
      return { user, needsSetup: false }
    },
    { before: limit.check },
  )
  registerEndpoint(app, session.signOut, ({ request, reply }) => accounts.signOut(request, reply), {
    waits: true, // the cookie is taken back when the session's end is committed
  })

  registerEndpoint(app, tokens.list, async ({ caller }) => ({ items: await accounts.tokens(caller.user) }))
  registerEndpoint(app, tokens.create, ({ caller, body }) =>
    accounts.createToken(
      caller.user,
      body.name,
      body.expiresInDays,
      caller.via === 'token' ? caller.expiresAt : null,
    ),
  )
  registerEndpoint(app, tokens.delete, ({ caller, params }) => accounts.revokeToken(caller.user, params.id))
}
