import type { DataRecord } from '@latchwork/contract'
import {
  type Claim,
  type Clock,
  type Config,
  type Connector,
  type ConnectorContext,
  type CredentialAccess,
  connectorMap,
  createCloseConnector,
  createFilesConnector,
  createPostgresConnector,
  type DestinationOptions,
  type Ledger,
  type LedgerEntry,
  type ReadPurpose,
  type StreamPlan,
  type StreamReader,
  type StreamWriter,
  type WriteResult,
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

interface MemoryEntry {
  readonly id: string
  readonly identity: string
  run: string
  position: number | null
  sentAt: number | null
  outcome: string | null | undefined
}

/** A ledger in memory, as durable as the object: pass the same one to a second writer to continue. */
export class MemoryLedger implements Ledger {
  readonly entries: MemoryEntry[] = []
  /** Set another to begin another run of the flow. */
  run = 'first'

  async claim(records: readonly Claim[]): Promise<readonly LedgerEntry[]> {
    return records.map(({ identity, position }) => {
      const alike = this.entries.filter((entry) => entry.identity === identity)
      const mine = alike.find(
        (entry) => position === null || (entry.run === this.run && entry.position === position),
      )
      const found = mine ?? alike.find((entry) => entry.run !== this.run)
      const entry = found ?? {
        ...{ id: `${this.entries.length}`, identity, run: '', position: null, sentAt: null, outcome: null },
      }
      if (found === undefined) this.entries.push(entry)
      Object.assign(entry, { run: this.run, position })
      return { ...entry }
    })
  }

  async begin({ id }: LedgerEntry): Promise<void> {
    Object.assign(this.entries[Number(id)] ?? {}, { sentAt: Date.now(), outcome: undefined })
  }

  async settle({ id }: LedgerEntry, outcome: string | null): Promise<void> {
    Object.assign(this.entries[Number(id)] ?? {}, { outcome })
  }

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.entries.some(({ outcome }) => outcome === id)))
  }
}

/** What a writer is opened with. */
export type WriterOptions = DestinationOptions & StreamPlan

/** Options of a writer, for records with columns `id` and `name` unless said otherwise. */
export function writerOptions(parts: Partial<WriterOptions> = {}): WriterOptions {
  return {
    stream: 'records',
    runId: 'run_0000000000000000000001',
    attempt: 1,
    round: 'flow_0000000000000000000001:1',
    hold: async () => undefined,
    columns: [
      { name: 'id', label: 'Id', type: 'text' },
      { name: 'name', label: 'Name', type: 'text' },
    ],
    key: 'id',
    ordered: true,
    resume: null,
    target: null,
    deletions: 'leave',
    changes: false,
    ledger: new MemoryLedger(),
    isUnderWay: async () => false,
    ...parts,
  }
}

/** The first stream that a source with this form reads. */
export async function openReader(
  connector: Connector,
  config: Config,
  credential: CredentialAccess | null,
  context: ConnectorContext,
  purpose: ReadPurpose = 'run',
): Promise<StreamReader> {
  const source = await connector.openSource?.(config, credential, context)
  const [selection] = connector.selectionsOf?.(config) ?? []
  if (source === undefined || selection === undefined) throw new Error('the connector has no source')
  const reader = await source.open(selection, purpose, context.signal)
  const close = async () => {
    await reader.close()
    await source.close()
  }
  return { ...reader, close }
}

/** A writer that takes records, and keys of deleted ones. */
export interface RecordWriter extends Omit<StreamWriter, 'write'> {
  write(records: readonly DataRecord[], deleted?: readonly string[]): Promise<WriteResult>
}

export async function openStreamWriter(
  connector: Connector,
  config: Config,
  credential: CredentialAccess | null,
  context: ConnectorContext,
  parts: Partial<WriterOptions> = {},
): Promise<RecordWriter> {
  const options = writerOptions(parts)
  const destination = await connector.openDestination?.(config, credential, context, options)
  if (destination === undefined) throw new Error('the connector has no destination')
  const writer = await destination.open(options, context.signal)
  return {
    ...writer,
    write: (records, deleted) => writer.write({ records, ...(deleted && { deleted }) }),
    close: async () => {
      await writer.close()
      await destination.close()
    },
  }
}
