import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import { type PreviewParts, previewDestination } from './preview.ts'
import type { Sides } from './sides.ts'

/** `/api/destinations` and below. */
export function registerDestinations(app: HttpApp, destinations: Sides, previewParts: PreviewParts): void {
  const contract = endpoints.destinations
  registerEndpoint(app, contract.list, ({ query, caller }) => destinations.list(query, caller.user))
  registerEndpoint(app, contract.create, ({ body, caller }) => destinations.create(body, caller.user))
  registerEndpoint(
    app,
    contract.preview,
    ({ body, caller }) => previewDestination(previewParts, body.source, body.destination, caller.user),
    { waits: true },
  )
  registerEndpoint(app, contract.get, ({ params, caller }) => destinations.get(params.id, caller.user))
  registerEndpoint(app, contract.update, ({ params, body, caller }) =>
    destinations.update(params.id, body, caller.user),
  )
  registerEndpoint(app, contract.delete, ({ params, caller }) => destinations.delete(params.id, caller.user))
}
