import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Credentials } from './service.ts'

/** Registers every endpoint of credentials but authorize, which belongs to the OAuth flow. */
export function registerCredentials(app: HttpApp, credentials: Credentials): void {
  const e = endpoints.credentials
  registerEndpoint(app, e.list, ({ query, caller }) => credentials.list(query, caller.user))
  registerEndpoint(app, e.create, ({ body, caller }) => credentials.create(body, caller.user))
  registerEndpoint(app, e.verify, ({ body }) => credentials.verify(body))
  registerEndpoint(app, e.get, ({ params }) => credentials.get(params.id))
  registerEndpoint(app, e.update, ({ params, body, caller }) =>
    credentials.update(params.id, body, caller.user),
  )
  registerEndpoint(app, e.delete, ({ params, caller }) => credentials.delete(params.id, caller.user))
  registerEndpoint(app, e.save, ({ params, body, caller }) => credentials.save(params.id, body, caller.user))
  registerEndpoint(app, e.check, ({ params }) => credentials.check(params.id))
  registerEndpoint(app, e.secrets, ({ params, body, caller }) =>
    credentials.replaceSecrets(params.id, body, caller.user),
  )
  registerEndpoint(app, e.method, ({ params, body, caller }) =>
    credentials.switchMethod(params.id, body, caller.user),
  )
  registerEndpoint(app, e.undo, ({ params, caller }) => credentials.undo(params.id, caller.user))
  registerEndpoint(app, e.previous, ({ params }) => credentials.previous(params.id))
  registerEndpoint(app, e.checkPrevious, ({ params, caller }) =>
    credentials.checkPrevious(params.id, caller.user),
  )
  registerEndpoint(app, e.usage, ({ params }) => credentials.usage(params.id))
}
