import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { Accounts } from './accounts.ts'

/** Registers sign-in, set-up and API tokens. `signInsPerMinute` counts those of one client. */
export function registerAccounts(app: HttpApp, accounts: Accounts, signInsPerMinute: number): void {
  const { session, tokens } = endpoints
  const limited = { perMinute: signInsPerMinute }

  registerPublicEndpoint(app, session.get, async ({ caller }) => ({
    user: caller?.user ?? null,
    needsSetup: caller === null && (await accounts.needsSetup()),
  }))
  registerPublicEndpoint(
    app,
    session.signIn,
    async ({ body, reply }) => ({
      user: await accounts.signIn(body.email, body.password, reply),
      needsSetup: false,
    }),
    { ...limited, waits: true },
  )
  registerPublicEndpoint(
    app,
    session.setup,
    async ({ body: { token, ...administrator }, reply }) => {
      await accounts.setUp(token, administrator)
      const user = await accounts.signIn(administrator.email, administrator.password, reply)
      return { user, needsSetup: false }
    },
    limited,
  )
  registerEndpoint(app, session.signOut, async ({ request, reply }) => {
    await accounts.signOut(request, reply)
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
