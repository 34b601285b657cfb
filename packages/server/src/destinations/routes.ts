import { endpoints } from '@latchwork/contract'
import type { AccessRules } from '../access/rules.ts'
import type { Ends } from '../ends/ends.ts'
import { previewDestination, type TryingParts } from '../ends/trying.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'

/** `/api/destinations` and below. */
export function registerDestinations(
  app: HttpApp,
  destinations: Ends,
  trying: TryingParts,
  rules: AccessRules,
): void {
  const contract = endpoints.destinations
  registerEndpoint(app, contract.list, async ({ query, caller }) =>
    rules.withRolesOn(caller.user, 'destination', await destinations.list(query, caller.user)),
  )
  registerEndpoint(app, contract.create, async ({ body, caller }) =>
    rules.withRole(caller.user, 'destination', await destinations.create(body, caller.user)),
  )
  registerEndpoint(
    app,
    contract.preview,
    ({ body, caller }) => previewDestination(trying, body.source, body.destination, caller.user),
    { waits: true },
  )
  registerEndpoint(app, contract.get, async ({ params, caller }) =>
    rules.withRole(caller.user, 'destination', await destinations.get(params.id, caller.user)),
  )
  registerEndpoint(app, contract.update, async ({ params, body, caller }) =>
    rules.withRole(caller.user, 'destination', await destinations.update(params.id, body, caller.user)),
  )
  registerEndpoint(app, contract.delete, ({ params, caller }) => destinations.delete(params.id, caller.user))
}
