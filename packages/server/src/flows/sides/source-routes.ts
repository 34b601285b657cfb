import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import { type PreviewParts, sampleSource } from './preview.ts'
import type { Sides } from './sides.ts'

/** `/api/sources` and below. */
export function registerSources(app: HttpApp, sources: Sides, previewParts: PreviewParts): void {
  const contract = endpoints.sources
  registerEndpoint(app, contract.list, ({ query, caller }) => sources.list(query, caller.user))
  registerEndpoint(app, contract.create, ({ body, caller }) => sources.create(body, caller.user))
  registerEndpoint(
    app,
    contract.sample,
    ({ body, caller }) => sampleSource(previewParts, body, caller.user),
    {
      waits: true,
    },
  )
  registerEndpoint(app, contract.get, ({ params, caller }) => sources.get(params.id, caller.user))
  registerEndpoint(app, contract.update, ({ params, body, caller }) =>
    sources.update(params.id, body, caller.user),
  )
  registerEndpoint(app, contract.delete, ({ params, caller }) => sources.delete(params.id, caller.user))
}
