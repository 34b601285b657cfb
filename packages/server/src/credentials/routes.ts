import { endpoints, type User } from '@latchwork/contract'
import type { AccessRules } from '../access/rules.ts'
import { tellOfAct } from '../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Credentials } from './service.ts'
import type { CredentialView } from './view.ts'

/** Registers every endpoint of credentials but authorize, which belongs to the OAuth flow. */
export function registerCredentials(app: HttpApp, credentials: Credentials, rules: AccessRules): void {
  const e = endpoints.credentials
  const waits = { waits: true }
  const shown = async (answer: Promise<CredentialView>, user: User) =>
    rules.withRole(user, 'credential', await answer)
  registerEndpoint(app, e.list, async ({ query, caller }) =>
    rules.withRolesOn(caller.user, 'credential', await credentials.list(query, caller.user)),
  )
  registerEndpoint(
    app,
    e.create,
    ({ body, caller }) => shown(credentials.create(body, caller.user), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.verify,
    ({ body, request }) => credentials.verify(body, (told) => tellOfAct(request, told)),
    waits,
  )
  registerEndpoint(app, e.get, ({ params, caller }) => shown(credentials.get(params.id), caller.user))
  registerEndpoint(
    app,
    e.update,
    ({ params, body, caller }) => shown(credentials.update(params.id, body, caller.user), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.delete,
    ({ params, query, caller }) => credentials.delete(params.id, caller.user, query.stopUsers),
    waits,
  )
  registerEndpoint(
    app,
    e.save,
    ({ params, body, caller }) => shown(credentials.save(params.id, body, caller.user), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.check,
    ({ params, caller }) => shown(credentials.check(params.id), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.secrets,
    ({ params, body, caller }) =>
      shown(credentials.replaceSecrets(params.id, body, caller.user), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.method,
    ({ params, body, caller }) => shown(credentials.switchMethod(params.id, body, caller.user), caller.user),
    waits,
  )
  registerEndpoint(
    app,
    e.undo,
    ({ params, caller }) => shown(credentials.undo(params.id, caller.user), caller.user),
    waits,
  )
  registerEndpoint(app, e.previous, ({ params }) => credentials.previous(params.id))
  registerEndpoint(
    app,
    e.checkPrevious,
    ({ params, caller }) => credentials.checkPrevious(params.id, caller.user),
    waits,
  )
  registerEndpoint(app, e.usage, ({ params, caller }) => credentials.usage(params.id, caller.user))
}
