/* The budgets of organizations, and their tables as Kysely sees them: see tables.ts. */

/** Used on PostgreSQL alone: on SQLite there is one process. */
export interface SharedBudgetTable {
  organization: string
  endpointGroup: string
  /** A `GroupRow` of `budget/leases.ts`. */
  state: string
  touchedAt: number
}
