import { endpoints } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { tellOfAct, tellOfAttempt } from '../../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { Credentials } from './service.ts'

type Values = Readonly<Record<string, string>>

/** Registers every endpoint of credentials except authorize, which belongs to the OAuth flow. */
export function registerCredentials(app: HttpApp, credentials: Credentials): void {
  const e = endpoints.credentials
  const waits = { waits: true }
  /** Records where a refused change would have sent the secrets. */
  const attempt = (request: FastifyRequest, asked: { connector: string; method: string }, values: Values) => {
    const directions = credentials.givenDirections(asked, values)
    if (Object.keys(directions).length > 0) tellOfAttempt(request, { values: directions })
  }
  registerEndpoint(app, e.list, ({ query, caller }) => credentials.list(query, caller.user))
  registerEndpoint(
    app,
    e.create,
    async ({ body, caller, request }) => {
      attempt(request, body, body.values)
      return credentials.create(body, caller.user)
    },
    // A draft asks no other system, and has its own share.
    { ...waits, takesShare: ({ draft }) => !draft },
  )
  registerEndpoint(
    app,
    e.verify,
    ({ body, request }) => credentials.verify(body, (reported) => tellOfAct(request, reported)),
    waits,
  )
  registerEndpoint(app, e.get, ({ params }) => credentials.get(params.id))
  registerEndpoint(
    app,
    e.update,
    async ({ params, body, caller, request }) => {
      attempt(request, await credentials.find(params.id), body.values ?? {})
      return credentials.update(params.id, body, caller.user)
    },
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
    ({ params, body, caller }) => credentials.save(params.id, body, caller.user),
    waits,
  )
  registerEndpoint(app, e.check, ({ params }) => credentials.check(params.id), waits)
  registerEndpoint(
    app,
    e.secrets,
    async ({ params, body, caller, request }) => {
      attempt(request, await credentials.find(params.id), body.values)
      return credentials.replaceSecrets(params.id, body, caller.user)
    },
    waits,
  )
  registerEndpoint(
    app,
    e.method,
    async ({ params, body, caller, request }) => {
      const { connector } = await credentials.find(params.id)
      attempt(request, { connector, method: body.method }, body.values)
      return credentials.switchMethod(params.id, body, caller.user)
    },
    waits,
  )
  registerEndpoint(app, e.undo, ({ params, caller }) => credentials.undo(params.id, caller.user), waits)
  registerEndpoint(app, e.previous, ({ params }) => credentials.previous(params.id))
  registerEndpoint(
    app,
    e.checkPrevious,
    ({ params, caller }) => credentials.checkPrevious(params.id, caller.user),
    waits,
  )
  registerEndpoint(app, e.usage, ({ params, caller }) => credentials.usage(params.id, caller.user))
}
