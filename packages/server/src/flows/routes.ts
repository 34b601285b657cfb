import { endpoints } from '@latchwork/contract'
import type { AccessRules } from '../access/rules.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Flows } from './flows.ts'

/** `/api/flows` and below. */
export function registerFlows(app: HttpApp, flows: Flows, rules: AccessRules): void {
  const contract = endpoints.flows
  registerEndpoint(app, contract.list, async ({ query, caller }) =>
    rules.withRolesOn(caller.user, 'flow', await flows.list(query, caller.user)),
  )
  registerEndpoint(app, contract.create, async ({ body, caller }) =>
    rules.withRole(caller.user, 'flow', await flows.create(body, caller.user)),
  )
  registerEndpoint(app, contract.get, async ({ params, caller }) =>
    rules.withRole(caller.user, 'flow', await flows.get(params.id)),
  )
  registerEndpoint(app, contract.update, async ({ params, body, caller }) =>
    rules.withRole(caller.user, 'flow', await flows.update(params.id, body)),
  )
  registerEndpoint(app, contract.delete, ({ params }) => flows.delete(params.id))
  registerEndpoint(app, contract.run, async ({ params, caller }) =>
    rules.withRole(caller.user, 'flow', await flows.run(params.id, caller.user.name)),
  )
}
