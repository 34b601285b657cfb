import { endpoints, type User } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { SideView } from '../store/sides.ts'
import { requireFields } from './lacking.ts'
import type { PreviewParts } from './looking.ts'
import { optionsOf, streamsOf, withSaved, withUnsaved } from './offered.ts'
import { previewDestination, sampleSource } from './preview.ts'
import type { Sides } from './sides.ts'

interface Saving {
  commit<T>(work: () => Promise<T>): Promise<T>
  /** @throws {LatchworkError} `account_lacks` */
  askOfSource(source: SideView, credentialId: string | null | undefined, user: User): Promise<void>
}

/** `/api/sources`, `/api/destinations` and below. */
export function registerSides(
  app: HttpApp,
  sources: Sides,
  destinations: Sides,
  previewParts: PreviewParts,
  saving: Saving,
): void {
  for (const [contract, sides] of [
    [endpoints.sources, sources],
    [endpoints.destinations, destinations],
  ] as const) {
    registerEndpoint(app, contract.list, ({ query, caller }) => sides.list(query, caller.user))
    registerEndpoint(app, contract.get, ({ params, caller }) => sides.get(params.id, caller.user))
    registerEndpoint(app, contract.delete, ({ params, caller }) => sides.delete(params.id, caller.user))
  }
  const { create, update } = endpoints.destinations
  registerEndpoint(app, endpoints.sources.create, ({ body, caller }) => sources.create(body, caller.user))
  registerEndpoint(
    app,
    endpoints.sources.update,
    async ({ params: { id }, body: { lacking, ...change }, caller: { user } }) => {
      if (!lacking) await saving.askOfSource(await sources.find(id), change.credentialId, user)
      return saving.commit(() => sources.update(id, change, user))
    },
    { waits: true },
  )
  registerEndpoint(
    app,
    create,
    async ({ body, caller: { user } }) => {
      const config = await requireFields(previewParts, null, body, user)
      return saving.commit(() => destinations.create({ ...body, config }, user))
    },
    { waits: true },
  )
  registerEndpoint(
    app,
    update,
    async ({ params: { id }, body, caller: { user } }) => {
      const { credentialId, config } = body
      const before = await destinations.find(id)
      const isAsked = credentialId !== undefined || config !== undefined
      const after = {
        ...before,
        credentialId: credentialId ?? before.credentialId,
        config: config ?? before.config,
      }
      const named = isAsked ? { config: await requireFields(previewParts, before, after, user) } : {}
      return saving.commit(() => destinations.update(id, { ...body, ...named }, user))
    },
    { waits: true },
  )
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
