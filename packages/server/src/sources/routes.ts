import { endpoints } from '@latchwork/contract'
import type { AccessRules } from '../access/rules.ts'
import type { Ends } from '../ends/ends.ts'
import { sampleSource, type TryingParts } from '../ends/trying.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'

/** `/api/sources` and below. */
export function registerSources(app: HttpApp, sources: Ends, trying: TryingParts, rules: AccessRules): void {
  const contract = endpoints.sources
  registerEndpoint(app, contract.list, async ({ query, caller }) =>
    rules.withRolesOn(caller.user, 'source', await sources.list(query, caller.user)),
  )
  registerEndpoint(app, contract.create, async ({ body, caller }) =>
    rules.withRole(caller.user, 'source', await sources.create(body, caller.user)),
  )
  registerEndpoint(app, contract.sample, ({ body, caller }) => sampleSource(trying, body, caller.user), {
    waits: true,
  })
  registerEndpoint(app, contract.get, async ({ params, caller }) =>
    rules.withRole(caller.user, 'source', await sources.get(params.id, caller.user)),
  )
  registerEndpoint(app, contract.update, async ({ params, body, caller }) =>
    rules.withRole(caller.user, 'source', await sources.update(params.id, body, caller.user)),
  )
  registerEndpoint(app, contract.delete, ({ params, caller }) => sources.delete(params.id, caller.user))
}
