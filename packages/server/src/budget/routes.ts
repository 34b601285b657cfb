import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { type ShownParts, shownBudget } from './shown.ts'
import type { BudgetPlace } from './use-store.ts'

interface BudgetRoutesParts extends ShownParts {
  /** @throws LatchworkError `credential_not_found`, `credential_wrong_connector`, `credential_draft`, `secret_unreadable` */
  placeOf(credentialId: string): Promise<BudgetPlace>
}

/** `GET /api/credentials/{id}/budget`. */
export function registerBudget(app: HttpApp, parts: BudgetRoutesParts): void {
  registerEndpoint(app, endpoints.credentials.budget, async ({ params, query, caller }) =>
    shownBudget(parts, await parts.placeOf(params.id), query, caller.user),
  )
}
