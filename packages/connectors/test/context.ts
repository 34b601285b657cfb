import {
  type Clock,
  type Connector,
  type ConnectorContext,
  connectorMap,
  createCloseConnector,
  createFilesConnector,
  createPostgresConnector,
  type DestinationOptions,
  type Ledger,
} from '../src/index.ts'

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

/** What a use of a connector under test is given. */
export function testContext(parts: Partial<ConnectorContext> = {}): ConnectorContext & { clock: Clock } {
  return { clock: machineClock, signal: new AbortController().signal, ...parts }
}

/** The Close connector; parts that a test doesn't name reach nothing. */
export function testClose(parts: Partial<Parameters<typeof createCloseConnector>[0]> = {}): Connector {
  const close = createCloseConnector({
    clock: machineClock,
    apiUrl: 'https://api.close.invalid',
    appUrl: 'https://app.close.invalid',
    ...parts,
  })
  return guarded(close)
}

export const postgres: Connector = guarded(createPostgresConnector({ clock: machineClock }))
export const files: Connector = guarded(createFilesConnector({ clock: machineClock, folder: '/nonexistent' }))

/** As the server has it. */
function guarded(connector: Connector): Connector {
  const { id } = connector.definition
  const found = connectorMap([connector]).get(id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return found
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
    isUnderWay: async () => false,
    ...parts,
  }
}
