import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { PreviewParts } from './looking.ts'
import { streamsOfSaved, streamsOfUnsaved } from './offered.ts'
import { previewDestination, sampleSource } from './preview.ts'
import type { Sides } from './sides.ts'

/** `/api/sources`, `/api/destinations` and below. */
export function registerSides(
  app: HttpApp,
  sources: Sides,
  destinations: Sides,
  previewParts: PreviewParts,
): void {
  for (const [contract, sides] of [
    [endpoints.sources, sources],
    [endpoints.destinations, destinations],
  ] as const) {
    registerEndpoint(app, contract.list, ({ query, caller }) => sides.list(query, caller.user))
    registerEndpoint(app, contract.create, ({ body, caller }) => sides.create(body, caller.user))
    registerEndpoint(app, contract.get, ({ params, caller }) => sides.get(params.id, caller.user))
    registerEndpoint(app, contract.update, ({ params, body, caller }) =>
      sides.update(params.id, body, caller.user),
    )
    registerEndpoint(app, contract.delete, ({ params, caller }) => sides.delete(params.id, caller.user))
  }
  registerEndpoint(
    app,
    endpoints.sources.sample,
    ({ body, caller }) => sampleSource(previewParts, body, caller.user),
    { waits: true },
  )
  registerEndpoint(
    app,
    endpoints.sources.offered,
    async ({ body, caller }) => ({ items: await streamsOfUnsaved(previewParts, body, caller.user) }),
    { waits: true },
  )
  registerEndpoint(
    app,
    endpoints.sources.streams,
    async ({ params, caller }) => ({
      items: await streamsOfSaved(previewParts, await sources.find(params.id), caller.user),
    }),
    { waits: true },
  )
  registerEndpoint(
    app,
    endpoints.destinations.preview,
    ({ body, caller }) => previewDestination(previewParts, body.source, body.destination, caller.user),
    { waits: true },
  )
}
