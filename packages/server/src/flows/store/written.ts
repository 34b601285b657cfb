import { type FlowStreams, flowStreamsSchema } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import { json, readJson, textMapSchema } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { type HeldStream, heldStream } from '../../database/stream-tables.ts'

/** What says where a flow writes, and what. */
export interface WritingFlow {
  readonly id: string
  readonly name: string
  readonly ownerId: string
  readonly streams: FlowStreams | null
  /** Of its own. */
  readonly schema: string | null
  readonly source: { readonly connector: string; readonly config: Readonly<Record<string, string>> }
  readonly destination: { readonly connector: string; readonly config: Readonly<Record<string, string>> }
  /** Of the destination's credential, without secrets. */
  readonly values: Readonly<Record<string, string>>
  /** The file that the destination names by its id. */
  readonly file: { readonly name: string; readonly ownerId: string } | null
  /** What its last run that knew its streams moved. */
  readonly moved: readonly Pick<HeldStream, 'stream' | 'target'>[]
}

const streamsColumn = json<FlowStreams>(flowStreamsSchema)

/**
 * Flows that write through one connector: that of a flow's destination, that flow among them, or one by its name. Two
 * queries in all.
 */
export async function flowsBeside(
  { tables }: Pick<Database, 'tables'>,
  beside: { readonly flowId: string } | { readonly connector: string },
): Promise<WritingFlow[]> {
  const rows = await tables
    .selectFrom('flows')
    .innerJoin('sides as from', 'from.id', 'flows.sourceId')
    .innerJoin('sides as to', 'to.id', 'flows.destinationId')
    .leftJoin('credentials', 'credentials.id', 'to.credentialId')
    .leftJoin('sideFiles', 'sideFiles.sideId', 'to.id')
    .leftJoin('files', 'files.id', 'sideFiles.fileId')
    .select(['flows.id', 'flows.name', 'flows.ownerId', 'flows.streams', 'flows.schema'])
    .select(['from.connector as reader', 'from.config as readConfig'])
    .select(['to.connector as writer', 'to.config as writeConfig'])
    .select(['credentials.fieldValues', 'files.name as fileName', 'files.ownerId as fileOwnerId'])
    .where((eb) =>
      'connector' in beside
        ? eb('to.connector', '=', beside.connector)
        : eb(
            'to.connector',
            '=',
            eb
              .selectFrom('flows as asked')
              .innerJoin('sides as askedTo', 'askedTo.id', 'asked.destinationId')
              .select('askedTo.connector')
              .where('asked.id', '=', beside.flowId),
          ),
    )
    .orderBy('flows.naturalName')
    .orderBy('flows.id')
    .execute()
  const whole = rows.flatMap(({ id, streams }) => (readStreams(streams)?.everything === true ? [id] : []))
  const moved = await movedBy(tables, whole)
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, ownerId: row.ownerId, schema: row.schema },
    streams: readStreams(row.streams),
    source: { connector: row.reader, config: readJson(row.readConfig, textMapSchema, 'sides.config') },
    destination: { connector: row.writer, config: readJson(row.writeConfig, textMapSchema, 'sides.config') },
    values: row.fieldValues === null ? {} : readJson(row.fieldValues, textMapSchema, 'credentials.values'),
    file:
      row.fileName === null || row.fileOwnerId === null
        ? null
        : { name: row.fileName, ownerId: row.fileOwnerId },
    moved: moved.get(row.id) ?? [],
  }))
}

function readStreams(held: string | null): FlowStreams | null {
  return held === null ? null : streamsColumn.read(held, 'flows.streams')
}

/** The streams of the last full run of each flow that chose some. */
async function movedBy(
  tables: Database['tables'],
  flowIds: readonly string[],
): Promise<ReadonlyMap<string, WritingFlow['moved']>> {
  if (flowIds.length === 0) return new Map()
  const last = sqlText<string>`(select id from runs where runs.flow_id = flows.id and runs.replay_of is null
    and exists (select 1 from run_streams where run_streams.run_id = runs.id and run_streams.chosen is not null)
    order by runs.created_at desc, runs.id desc limit 1)`
  const rows = await tables
    .selectFrom('flows')
    .innerJoin('runStreams', (join) => join.on(sqlText<boolean>`run_streams.run_id = ${last}`))
    .select(['flows.id', 'runStreams.stream', 'runStreams.chosen'])
    .where('flows.id', 'in', flowIds)
    .execute()
  const found = Map.groupBy(rows, ({ id }) => id)
  return new Map([...found].map(([id, streams]) => [id, streams.map(namedOf)] as const))
}

function namedOf({ stream, chosen }: { stream: string; chosen: string | null }) {
  const target = chosen === null ? null : heldStream.read(chosen, 'run_streams.chosen').target
  return { stream, target: target ?? stream }
}
