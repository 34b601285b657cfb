import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Flows } from './flows.ts'

/** `/api/flows` and below. */
export function registerFlows(app: HttpApp, flows: Flows): void {
  const contract = endpoints.flows
  registerEndpoint(app, contract.list, ({ query, caller }) => flows.list(query, caller.user))
  registerEndpoint(app, contract.create, ({ body, caller }) => flows.create(body, caller.user))
  registerEndpoint(app, contract.get, ({ params }) => flows.get(params.id))
  registerEndpoint(app, contract.update, ({ params, body }) => flows.update(params.id, body))
  registerEndpoint(app, contract.delete, ({ params }) => flows.delete(params.id))
  registerEndpoint(app, contract.run, ({ params, caller }) => flows.run(params.id, caller.user.name))
}
