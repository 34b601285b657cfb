import { endpoints } from '@latchwork/contract'
import type { Ends } from '../ends/ends.ts'
import { sampleSource, type TryingParts } from '../ends/trying.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'

/** `/api/sources` and below. */
export function registerSources(app: HttpApp, sources: Ends, trying: TryingParts): void {
  const contract = endpoints.sources
  registerEndpoint(app, contract.list, ({ query, caller }) => sources.list(query, caller.user))
  registerEndpoint(app, contract.create, ({ body, caller }) => sources.create(body, caller.user))
  registerEndpoint(app, contract.sample, ({ body, caller }) => sampleSource(trying, body, caller.user), {
    waits: true,
  })
  registerEndpoint(app, contract.get, ({ params, caller }) => sources.get(params.id, caller.user))
  registerEndpoint(app, contract.update, ({ params, body, caller }) =>
    sources.update(params.id, body, caller.user),
  )
  registerEndpoint(app, contract.delete, ({ params, caller }) => sources.delete(params.id, caller.user))
}
