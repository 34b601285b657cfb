import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { Members } from './members.ts'
import type { SignInLimit } from './sign-in-limit.ts'

/** Registers `/api/members` and `/api/invitations`. */
export function registerMembers(app: HttpApp, members: Members, limit: SignInLimit): void {
  const people = endpoints.members
  registerEndpoint(app, people.list, () => members.list())
  registerEndpoint(app, people.update, ({ params, body }) => members.setRole(params.id, body))
  registerEndpoint(app, people.remove, ({ params, query, caller }) =>
    members.remove(params.id, query.handTo, caller.user),
  )
  const { list, create, delete: withdraw, look, accept } = endpoints.invitations
  registerEndpoint(app, list, () => members.invitations())
  registerEndpoint(app, create, ({ body, caller }) => members.invite(body, caller.user))
  registerEndpoint(app, withdraw, ({ params }) => members.withdraw(params.id))
  const guessed = { before: limit.check }
  registerPublicEndpoint(app, look, ({ body }) => members.look(body.token), guessed)
  registerPublicEndpoint(
    app,
    accept,
    async ({ body, reply }) => {
      const user = await members.accept(body, reply)
      limit.remember(reply, user.email)
      return { user, needsSetup: false }
    },
    guessed,
  )
}
