import { endpoints } from '@latchwork/contract'
import type { AccessRules } from '../access/rules.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Runs } from './runs.ts'

/** `/api/runs` and below. */
export function registerRuns(app: HttpApp, runs: Runs, rules: AccessRules): void {
  const contract = endpoints.runs
  registerEndpoint(app, contract.list, async ({ query, caller }) =>
    rules.withRolesOn(caller.user, 'flow', await runs.list(query, caller.user)),
  )
  registerEndpoint(app, contract.get, async ({ params, caller }) =>
    rules.withRole(caller.user, 'flow', await runs.get(params.id)),
  )
  registerEndpoint(app, contract.cancel, async ({ params, caller }) =>
    rules.withRole(caller.user, 'flow', await runs.cancel(params.id)),
  )
  registerEndpoint(app, contract.records, ({ params }) => runs.records(params.id))
  registerEndpoint(app, contract.quarantine, ({ params, query }) => runs.quarantine(params.id, query))
}
