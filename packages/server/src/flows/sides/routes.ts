import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { PreviewParts } from './looking.ts'
import { optionsOf, streamsOf, withSaved, withUnsaved } from './offered.ts'
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
  const { offered, streams, options, offeredOptions } = endpoints.sources
  const waits = { waits: true }
  registerEndpoint(
    app,
    offered,
    async ({ body, caller }) => ({ items: await withUnsaved(previewParts, body, caller.user, streamsOf) }),
    waits,
  )
  registerEndpoint(
    app,
    streams,
    async ({ params, caller }) => ({
      items: await withSaved(previewParts, await sources.find(params.id), caller.user, streamsOf),
    }),
    waits,
  )
  registerEndpoint(
    app,
    offeredOptions,
    async ({ body: { of, ...source }, caller }) => ({
      items: await withUnsaved(previewParts, source, caller.user, (opened) => optionsOf(opened, of)),
    }),
    waits,
  )
  registerEndpoint(
    app,
    options,
    async ({ params, query, caller }) => ({
      items: await withSaved(previewParts, await sources.find(params.id), caller.user, (opened) =>
        optionsOf(opened, query),
      ),
    }),
    waits,
  )
  registerEndpoint(
    app,
    endpoints.destinations.preview,
    ({ body, caller }) => previewDestination(previewParts, body.source, body.destination, caller.user),
    { waits: true },
  )
}
