import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Runs } from './runs.ts'

/** `/api/runs` and below. */
export function registerRuns(app: HttpApp, runs: Runs): void {
  const contract = endpoints.runs
  registerEndpoint(app, contract.list, ({ query, caller }) => runs.list(query, caller.user))
  registerEndpoint(app, contract.get, ({ params }) => runs.get(params.id))
  registerEndpoint(app, contract.cancel, ({ params }) => runs.cancel(params.id))
  registerEndpoint(app, contract.records, ({ params }) => runs.records(params.id))
  registerEndpoint(app, contract.quarantine, ({ params, query }) => runs.quarantine(params.id, query))
}
