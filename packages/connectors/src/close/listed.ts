import type { CloseClient, SearchRow } from '@latchwork/close'
import type { Column, DataRecord } from '@latchwork/contract'
import type { Batch, CredentialAccess, Json } from '../interface.ts'
import type { CloseContext } from './close-client.ts'
import { readEvents } from './readers/events.ts'
import { probeList, readList } from './readers/list.ts'
import type { ReaderParts, ReadRows } from './readers/reader.ts'
import { readSingle, requestRows } from './readers/single.ts'
import { readWindows } from './readers/windows.ts'
import type { SearchReading, StreamRow } from './streams/row.ts'
import { otherFields } from './streams.ts'

/** A stream that is read by another way than the search. */
export interface Listed extends StreamRow {
  readonly reading: Exclude<StreamRow['reading'], SearchReading>
}

/** A stream whose records can be read, without what all readers of Close have alike. */
export interface OpenedStream {
  readonly count: (position: Json | null) => Promise<number | null>
  readonly batches: (position: Json | null) => AsyncGenerator<Batch, void, undefined>
}

export const organizationOf =
  (client: CloseClient, { organizationId }: CredentialAccess, signal: AbortSignal) =>
  async (): Promise<string> =>
    organizationId ?? (await client.me({ signal })).organizations[0]?.id ?? ''

/** Asks whether the account may read it before anything else is begun. @throws CloseError, as reading does */
export async function openListed(
  row: Listed,
  columns: readonly Column[],
  parts: Pick<ReaderParts, 'client' | 'purpose'> & { credential: CredentialAccess; context: CloseContext },
): Promise<OpenedStream> {
  const { client, purpose, credential, context } = parts
  const { signal } = context
  const organizationId = organizationOf(client, credential, signal)
  const reading: ReaderParts = { client, signal, purpose, organizationId }
  await probeListed(reading, row)
  return { count: async () => null, batches: (position) => readListed(reading, row, columns, position) }
}

/** Asks for as little of it as possible. @throws CloseError where the account may not read it */
async function probeListed(parts: ReaderParts, { reading }: Listed): Promise<void> {
  const { client, signal } = parts
  switch (reading.by) {
    case 'list':
      return probeList(parts, reading)
    case 'windows':
      await client.list(reading.path, { ...reading.query, _limit: 1 }, { signal })
      return
    case 'events':
      await client.events.list({ ...reading.query, _limit: 1 }, { signal })
      return
    case 'single':
      await requestRows(parts, reading)
  }
}

async function* readListed(
  parts: ReaderParts,
  row: Listed,
  columns: readonly Column[],
  position: Json | null,
): AsyncGenerator<Batch, void, undefined> {
  const names = new Set(columns.map(({ name }) => name))
  for await (const { rows, position: after } of rowsOf(parts, row, position)) {
    yield { records: rows.map((each) => recordOf(each, row, names)), position: after }
  }
}

function rowsOf(
  parts: ReaderParts,
  { reading }: Listed,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  switch (reading.by) {
    case 'list':
      return readList(parts, reading, position)
    case 'windows':
      return readWindows(parts, reading, position)
    case 'events':
      return readEvents(parts, reading, position)
    case 'single':
      return readSingle(parts, reading, position)
  }
}

/** The chosen fields that are there; those that Close does not document stand together. */
function recordOf(
  row: SearchRow,
  { fields, secretFields = [] }: Listed,
  names: ReadonlySet<string>,
): DataRecord {
  const entries = Object.entries(row)
  const chosen = entries.filter(([name]) => Object.hasOwn(fields, name) && names.has(name))
  const others = entries.filter(([name]) => !Object.hasOwn(fields, name) && !secretFields.includes(name))
  const withOthers = others.length > 0 && names.has(otherFields.name)
  return {
    ...Object.fromEntries(chosen),
    ...(withOthers ? { [otherFields.name]: Object.fromEntries(others) } : {}),
  }
}
