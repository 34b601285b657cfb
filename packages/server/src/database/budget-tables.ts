/* The budgets of organizations, and their tables as Kysely sees them: see tables.ts. */

/** Used on PostgreSQL alone: on SQLite there is one process. */
export interface SharedBudgetTable {
  organization: string
  endpointGroup: string
  /** A `GroupRow` of `budget/leases.ts`. */
  state: string
  touchedAt: number
}

/** What one consumer used within a minute or an hour. */
export interface BudgetUseTable {
  organization: string
  /** Names the API key or the grant, without being it. */
  budgetKey: string
  /** A minute or an hour. */
  spanMs: number
  at: number
  endpointGroup: string
  consumer: string
  requests: number
  /** Of them: had to wait for their turn. */
  waited: number
  /** Asked to come again later. */
  putOff: number
  /** The smallest and the largest limit that an answer named; 0: none did. */
  leastLimit: number
  mostLimit: number
  /** The longest time to the end of a window that an answer named. */
  windowMs: number
}
