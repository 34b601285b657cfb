import { setTimeout as delay } from 'node:timers/promises'
import {
  type Batch,
  type Config,
  type Connector,
  type ConnectorContext,
  type StreamReader,
  sentThrough,
  type WatchedCredential,
  watchCredential,
} from '@latchwork/connectors'
import { LatchworkError, type Preview, type SourceSample, shownRecord, type User } from '@latchwork/contract'
import type { Credentials } from '../../credentials/service/service.ts'
import type { Files } from '../../files/files.ts'
import { fileOfSource, namedFile } from '../../files/for-connector.ts'
import { under } from '../../http/input.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import type { SideKind } from '../store/sides.ts'
import { withFirstStream } from './first-stream.ts'
import { readConfig, readPreviewed, withoutMapping } from './form.ts'
import { checkCredentialGiven, connectorFor } from './sides.ts'

/** A source or destination that is not saved. */
export interface UnsavedSide {
  readonly connector: string
  readonly credentialId: string | null
  readonly config: Config
}

export interface PreviewParts {
  readonly rules: AccessRules
  readonly credentials: Credentials
  readonly connectors: ReadonlyMap<string, Connector>
  readonly files: Files
}

const recordsShown = 10
const limitMs = 20_000

/**
 * The first records of a source that is not saved.
 * @throws {LatchworkError} `connector_unknown`, `credential_not_found`, `credential_wrong_connector`,
 * `credential_draft`, `credential_failed`, `invalid_input`, and the failures of reading; `unreachable` after 20 s
 */
export function sampleSource(parts: PreviewParts, source: UnsavedSide, user: User): Promise<SourceSample> {
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
  source: UnsavedSide | null,
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
    const planned = await fieldsUnder('destination.config', () =>
      preview(config, credential, context, { columns, records, key, ordered }),
    )
    const sent = await sentThrough(read.credential)
    const isPlanned = planned.rows.length === records.length
    const all = [
      ...planned.rows.map((each, index) => ({ ...each, row: rows[index] ?? null })),
      ...(isPlanned ? unread : []),
    ]
    return {
      ...planned,
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
  source: UnsavedSide,
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
  return fieldsUnder(prefix, () =>
    withFirstStream(connector, config, credential, { ...context, ...around }, look),
  )
}

async function firstBatch(reader: StreamReader): Promise<Batch | null> {
  for await (const batch of reader.batches(null)) return batch
  return null
}

async function access(
  { connectors, credentials, rules }: PreviewParts,
  kind: SideKind,
  side: UnsavedSide,
  user: User,
  signal: AbortSignal,
): Promise<{ connector: Connector; credential: WatchedCredential | null }> {
  const connector = connectorFor(connectors, kind, side.connector)
  checkCredentialGiven(connector, side.credentialId)
  const { credentialId } = side
  if (credentialId === null) return { connector, credential: null }
  await rules.require(memberOf(user), 'collaborator', { kind: 'credential', id: credentialId })
  // A preview writes nothing: it looks at the destination.
  const use = { direction: 'read', by: { request: kind === 'source' ? 'sample' : 'preview' } } as const
  const opened = await credentials.use(credentialId, side.connector, use, signal)
  return { connector, credential: watchCredential(opened) }
}

/** Names fields as the request does: `file` becomes `source.config.file`. */
async function fieldsUnder<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof LatchworkError) || error.errors === undefined) throw error
    const errors = under(prefix, error.errors)
    throw new LatchworkError(error.code, { message: error.message, errors, cause: error.cause })
  }
}

/** A person waits, so work that takes longer than the limit is stopped. */
async function withinLimit<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController()
  const tooLong = new LatchworkError('unreachable', {
    message: `There was no answer within ${limitMs / 1000} seconds. Try again in a moment.`,
  })
  const limit = delay(limitMs, undefined, { signal: ended.signal }).then(
    () => Promise.reject(tooLong),
    () => undefined,
  )
  const stopped = new AbortController()
  limit.catch(() => stopped.abort(tooLong))
  try {
    const done = work(stopped.signal)
    done.catch(() => undefined)
    await Promise.race([done, limit])
    return await done
  } finally {
    ended.abort()
  }
}
