import { RateBudget } from '@latchwork/close'
import type { Clock, ConnectorContext, DestinationOptions, Ledger } from '../src/index.ts'

/** The machine's own clock. */
const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** Surroundings of a connector under test; parts that a test doesn't name reach nothing. */
export function testContext(parts: Partial<ConnectorContext> = {}): ConnectorContext {
  const budgets = new Map<string, RateBudget>()
  return {
    clock: machineClock,
    signal: new AbortController().signal,
    closeApiUrl: 'https://api.close.invalid',
    closeAppUrl: 'https://app.close.invalid',
    filesDir: '/nonexistent',
    budget: (organizationId) => {
      const budget = budgets.get(organizationId) ?? new RateBudget()
      budgets.set(organizationId, budget)
      return budget
    },
    activity: () => undefined,
    ...parts,
  }
}

/** A ledger in memory, as durable as the object: pass the same one to a second writer to continue. */
export class MemoryLedger implements Ledger {
  readonly entries = new Map<string, { at: number; outcome: string | null | undefined }>()

  async begin(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.entries.set(key, { at: Date.now(), outcome: undefined })
  }

  async settle(key: string, outcome: string | null): Promise<void> {
    this.entries.set(key, { at: this.entries.get(key)?.at ?? Date.now(), outcome })
  }

  async look(
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, { at: number; outcome: string | null | undefined }>> {
    return new Map(
      keys.flatMap((key) => {
        const entry = this.entries.get(key)
        return entry === undefined ? [] : [[key, entry] as const]
      }),
    )
  }
}

/** Options of a destination, for records with columns `id` and `name` unless said otherwise. */
export function destinationOptions(parts: Partial<DestinationOptions> = {}): DestinationOptions {
  return {
    runId: 'run_0000000000000000000001',
    columns: [
      { name: 'id', label: 'Id', type: 'text' },
      { name: 'name', label: 'Name', type: 'text' },
    ],
    key: 'id',
    ordered: true,
    resume: null,
    ledger: new MemoryLedger(),
    ...parts,
  }
}
