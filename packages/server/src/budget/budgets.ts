import { randomUUID } from 'node:crypto'
import { type Budget, type BudgetUse, RateBudget } from '@latchwork/close'
import type { Clock } from '@latchwork/connectors'
import type { Secret } from '@latchwork/vault'
import type { Database } from '../database/database.ts'
import { LeasedPermits } from './leased-permits.ts'
import { listenForNews } from './listening.ts'
import { openBudgetStore } from './store.ts'

/** The budget of each organization, shared by all that act for it in any process. */
export interface Budgets {
  of(organization: string): Budget
  sweep(): Promise<void>
  close(): Promise<void>
}

export interface BudgetsParts {
  readonly database: Database
  /** Null: SQLite, which one process has. */
  readonly databaseUrl: Secret | null
  readonly clock: Clock
  readonly onUse?: (use: BudgetUse, organization: string) => void
  readonly leaseMs?: number
}

/** So long after its last word a process counts as dead. */
const usualLeaseMs = 6_000
const reportMs = 50

export function openBudgets(parts: BudgetsParts): Budgets {
  const { database, databaseUrl, clock, onUse, leaseMs = usualLeaseMs } = parts
  const store = openBudgetStore(database)
  const holder = randomUUID()
  const budgets = new Map<string, { budget: Budget; permits: LeasedPermits | null }>()
  const stopping = new AbortController()
  const listening =
    databaseUrl === null
      ? null
      : listenForNews(databaseUrl.reveal(), {
          clock,
          signal: stopping.signal,
          heard: (news) => {
            if (news.from !== holder) budgets.get(news.organization)?.permits?.heard(news)
          },
        })
  const open = (organization: string) => {
    const permits =
      databaseUrl === null
        ? null
        : new LeasedPermits({ store, organization, holder, clock, leaseMs, reportMs })
    const budget = new RateBudget({
      clock,
      ...(permits === null ? {} : { permits }),
      ...(onUse === undefined ? {} : { onUse: (use) => onUse(use, organization) }),
    })
    return { budget, permits }
  }
  return {
    of: (organization) => {
      const known = budgets.get(organization) ?? open(organization)
      budgets.set(organization, known)
      return known.budget
    },
    sweep: () => store.sweep(),
    close: async () => {
      stopping.abort()
      await Promise.all([...budgets.values()].map(({ permits }) => permits?.close()))
      await listening
    },
  }
}
