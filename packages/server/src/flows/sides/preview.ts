import {
  type Batch,
  type ConnectorContext,
  type PlannedColumn,
  type StreamReader,
  sentThrough,
  type WatchedCredential,
} from '@latchwork/connectors'
import {
  type Column,
  columnNames,
  type FlowStream,
  givenNames,
  invalidField,
  LatchworkError,
  listsRefusal,
  type Preview,
  type SourceSample,
  selectedColumns,
  shownRecord,
  type User,
} from '@latchwork/contract'
import { fileOfSource, namedFile } from '../../files/for-connector.ts'
import { withStream } from './first-stream.ts'
import { readConfig, readPreviewed, withoutMapping } from './form.ts'
import { access, fieldsUnder, type PreviewParts, type UnsavedSide, withinLimit } from './looking.ts'

/** A source that is not saved, and what of it is looked at. */
export interface UnsavedSource extends UnsavedSide {
  /** Null: what its form says. */
  readonly stream: FlowStream | null
}

const recordsShown = 10

/**
 * The first records of a source that is not saved.
 * @throws {LatchworkError} `connector_unknown`, `credential_not_found`, `credential_wrong_connector`,
 * `credential_draft`, `credential_failed`, `invalid_input`, `streams_not_chosen`, `stream_unavailable`, and the failures of reading; `unreachable` after 20 s
 */
export function sampleSource(parts: PreviewParts, source: UnsavedSource, user: User): Promise<SourceSample> {
  return withinLimit(async (signal) => {
    const { sample, credential } = await readSample(parts, source, user, { signal }, 'config')
    const sent = await sentThrough(credential)
    return { ...sample, records: sample.records.map((record) => shownRecord(record, sent)) }
  })
}

/**
 * What a destination would do with the first records of a source; neither is saved. Throws as `sampleSource`.
 * @param source null: there is none yet
 */
export function previewDestination(
  parts: PreviewParts,
  source: UnsavedSource | null,
  destination: UnsavedSide,
  user: User,
): Promise<Preview> {
  return withinLimit(async (signal) => {
    const context = { signal }
    const { connector, credential } = await access(parts, 'destination', destination, user, signal)
    const given = source === null ? withoutMapping(connector, destination.config) : destination.config
    const config = readPreviewed(connector, given, 'destination.config')
    const file = namedFile(connector, config)
    if (file !== null) await parts.files.checkWritable(user.id, file)
    const read = source === null ? noSample : await readSample(parts, source, user, context, 'source.config')
    const { columns, records } = read.sample
    const { key, ordered, rows, unread } = read
    const { preview } = connector
    if (preview === undefined) throw new LatchworkError('connector_unknown')
    const chosen = source?.stream ?? null
    const refusal = chosen?.lists === undefined ? null : listsRefusal(connector.definition)
    if (refusal !== null) throw invalidField('source.stream.lists', 'lists', refusal)
    const planned = await fieldsUnder('destination.config', () =>
      preview(config, credential, context, {
        ...(chosen !== null && targetIn(chosen)),
        ...{ records, key, ordered },
        columns: connector.definition.destination?.columns === undefined ? columns : named(columns, chosen),
      }),
    )
    const sent = await sentThrough(read.credential)
    const isPlanned = planned.rows.length === records.length
    const all = [
      ...planned.rows.map((each, index) => ({ ...each, row: rows[index] ?? null })),
      ...(isPlanned ? unread : []),
    ]
    return {
      ...planned,
      notes: [...(planned.notes ?? [])],
      rows: all
        .sort((a, b) => (a.row ?? 0) - (b.row ?? 0))
        .slice(0, recordsShown)
        .map((each) => ({
          ...each,
          before: shownRecord(each.before, sent),
          after: each.after === null ? null : shownRecord(each.after, sent),
        })),
    }
  })
}

function targetIn({ stream, target, deletions, lists }: FlowStream) {
  return { stream, target, deletions, ...(lists && { lists }) }
}

/** As the first run of a flow calls them. */
function named(columns: readonly Column[], chosen: FlowStream | null): PlannedColumn[] {
  const names = columnNames(columns, givenNames(chosen?.columns ?? []))
  return columns.map((column) => ({ ...column, as: names.get(column.name) ?? column.name }))
}

interface ReadSample {
  readonly sample: SourceSample
  /** As a run is told of the source. */
  readonly key: string | null
  readonly ordered: boolean
  readonly credential: WatchedCredential | null
  /** Where each record stands, where the source counts. */
  readonly rows: readonly number[]
  /** Records among the first that the source itself refuses. */
  readonly unread: readonly Preview['rows'][number][]
}

const noSample: ReadSample = {
  sample: { columns: [], records: [], total: 0, notes: [] },
  key: null,
  ordered: true,
  credential: null,
  rows: [],
  unread: [],
}

async function readSample(
  parts: PreviewParts,
  source: UnsavedSource,
  user: User,
  context: ConnectorContext,
  prefix: string,
): Promise<ReadSample> {
  const { connector, credential } = await access(parts, 'source', source, user, context.signal)
  const read = readConfig(connector, 'source', source.config, prefix)
  const { config, around } = await fileOfSource(parts.files, connector, { config: read }, user.id)
  const look = async (reader: StreamReader): Promise<ReadSample> => {
    const [first, total] = await Promise.all([firstBatch(reader), reader.count()])
    const { key, ordered } = reader
    const notes = [...(reader.notes ?? [])]
    const records = first?.records.slice(0, recordsShown) ?? []
    return {
      sample: { columns: [...reader.columns], records, total, notes },
      ...{ key, ordered, credential },
      rows: first?.rows ?? [],
      unread: (first?.refused ?? []).map(({ record, row, message }) => ({
        ...{ before: record, after: null, action: 'refuse', message, row },
      })),
    }
  }
  const { stream } = source
  const selection = stream && { ...stream, columns: selectedColumns(stream.columns) }
  return fieldsUnder(prefix, () =>
    withStream(connector, config, credential, { ...context, ...around }, selection, look),
  )
}

async function firstBatch(reader: StreamReader): Promise<Batch | null> {
  for await (const batch of reader.batches(null)) return batch
  return null
}
