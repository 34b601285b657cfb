import type { Thing } from './access-interface.ts'
import { tell } from './alerts.ts'
import { toTime } from './columns.ts'
import type { Database } from './database.ts'
import type { NewAlert } from './health-interface.ts'
import type { Paused } from './interfaces.ts'

/** What a flow uses; its owner must be allowed to use it. */
export interface UsedThing extends Thing {
  /** What it is to the flow. */
  readonly part: 'source' | 'destination' | 'source credential' | 'destination credential' | 'source file'
  /** Empty for a file of the administrators. */
  readonly ownerId: string
  readonly name: string
  /** Of a credential: it was deleted. */
  readonly deleted: boolean
}
export interface FlowNeeds {
  readonly flowId: string
  readonly name: string
  readonly ownerId: string
  readonly paused: Paused | null
  readonly things: readonly UsedThing[]
}

/** A flow that is to pause, with the sentence why and the alerts that tell of it. */
export interface Pause {
  readonly flowId: string
  readonly reason: Omit<Paused, 'at'>
  readonly alerts: readonly NewAlert[]
}

export interface PauseStore {
  /** What the flow uses, as it stands now; in one query. */
  needs(flowId: string): Promise<FlowNeeds | null>
  /** In one step with its alerts; false: it is paused already, or there is none. */
  pause(pause: Pause): Promise<boolean>
  /** Deletes a credential although it is used, and pauses the flows, in one step; false: somebody else deleted it. */
  deleteUsed(credentialId: string, pauses: readonly Pause[]): Promise<boolean>
}

type Tables = Database['tables']

export function openPauseStore({ sql, tables }: Database): PauseStore {
  return {
    async needs(flowId) {
      const row = await needsQuery(tables, flowId).executeTakeFirst()
      return row === undefined ? null : toNeeds(flowId, row)
    },

    pause: (pause) => tables.transaction().execute((transaction) => pauseIn(transaction, pause)),

    deleteUsed(credentialId, pauses) {
      return tables.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('credentials')
          .set({ deletedAt: sql.now, updatedAt: sql.now })
          .where('id', '=', credentialId)
          .where('deletedAt', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        for (const pause of pauses) await pauseIn(transaction, pause)
        return true
      })
    },
  }

  async function pauseIn(transaction: Tables, { flowId, reason, alerts }: Pause): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('flows')
      .set({ pausedAt: sql.now, pausedCode: reason.code, pausedMessage: reason.message, nextRunAt: null })
      .where('id', '=', flowId)
      .where('pausedAt', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    for (const alert of alerts) await tell(transaction, sql, alert)
    return true
  }
}

export function toPaused(row: {
  readonly pausedAt: number | null
  readonly pausedCode: string | null
  readonly pausedMessage: string | null
}): Paused | null {
  const { pausedAt, pausedCode, pausedMessage } = row
  return pausedAt === null
    ? null
    : { code: pausedCode ?? '', message: pausedMessage ?? '', at: toTime(pausedAt) }
}

function needsQuery(tables: Tables, flowId: string) {
  return tables
    .selectFrom('flows')
    .innerJoin('ends as source', 'source.id', 'flows.sourceId')
    .innerJoin('ends as destination', 'destination.id', 'flows.destinationId')
    .leftJoin('credentials as from', 'from.id', 'source.credentialId')
    .leftJoin('credentials as to', 'to.id', 'destination.credentialId')
    .leftJoin('sourceFiles', 'sourceFiles.sourceId', 'source.id')
    .leftJoin('files', 'files.id', 'sourceFiles.fileId')
    .select(['flows.name', 'flows.ownerId', 'flows.pausedAt', 'flows.pausedCode', 'flows.pausedMessage'])
    .select(['source.id as sourceId', 'source.ownerId as sourceOwner', 'source.name as sourceName'])
    .select(['destination.id as destinationId', 'destination.ownerId as destinationOwner'])
    .select(['destination.name as destinationName'])
    .select(['from.id as fromId', 'from.ownerId as fromOwner', 'from.name as fromName'])
    .select(['to.id as toId', 'to.ownerId as toOwner', 'to.name as toName'])
    .select(['files.id as fileId', 'files.ownerId as fileOwner', 'files.name as fileName'])
    .select(['from.deletedAt as fromDeleted', 'to.deletedAt as toDeleted'])
    .where('flows.id', '=', flowId)
}

type NeedsRow = Awaited<ReturnType<ReturnType<typeof needsQuery>['executeTakeFirstOrThrow']>>

function toNeeds(flowId: string, row: NeedsRow): FlowNeeds {
  const credential = (
    part: UsedThing['part'],
    id: string | null,
    rest: { ownerId: string | null; name: string | null; deletedAt: number | null },
  ): UsedThing[] => {
    const { ownerId, name, deletedAt } = rest
    if (id === null) return []
    return [
      { part, kind: 'credential', id, ownerId: ownerId ?? '', name: name ?? '', deleted: deletedAt !== null },
    ]
  }
  const { name, ownerId } = row
  const things: UsedThing[] = [
    {
      part: 'source',
      kind: 'source',
      id: row.sourceId,
      ownerId: row.sourceOwner,
      name: row.sourceName,
      deleted: false,
    },
    {
      part: 'destination',
      kind: 'destination',
      id: row.destinationId,
      ownerId: row.destinationOwner,
      name: row.destinationName,
      deleted: false,
    },
    ...credential('source credential', row.fromId, {
      ownerId: row.fromOwner,
      name: row.fromName,
      deletedAt: row.fromDeleted,
    }),
    ...credential('destination credential', row.toId, {
      ownerId: row.toOwner,
      name: row.toName,
      deletedAt: row.toDeleted,
    }),
    ...fileOf(row),
  ]
  return { flowId, name, ownerId, paused: toPaused(row), things }
}

/** What a source reads, where that is a file. One that was deleted is told by the run, which finds none. */
function fileOf({ fileId, fileOwner, fileName }: NeedsRow): UsedThing[] {
  if (fileId === null) return []
  const file = { id: fileId, ownerId: fileOwner ?? '', name: fileName ?? '' }
  return [{ part: 'source file', kind: 'file', ...file, deleted: false }]
}
