import type { ResourceRole } from '@latchwork/contract'
import { type NewAlert, tell } from '../../alerts/store.ts'
import type { Database } from '../../database/database.ts'
import { type Paused, paused } from '../../database/flow-tables.ts'
import { prepared } from '../../database/prepared.ts'
import type { Thing } from '../../identity/store/viewing.ts'

/** A thing that a flow uses, and that its owner must be allowed to use. */
export interface UsedThing extends Thing {
  /** Its part in the flow. */
  readonly part:
    | 'source'
    | 'destination'
    | 'source credential'
    | 'destination credential'
    | 'source file'
    | 'destination file'
  /** The role that the flow's owner needs for it. */
  readonly need: ResourceRole
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

/** A flow to pause, with the reason as a sentence and the alerts about it. */
export interface Pause {
  readonly flowId: string
  readonly reason: Omit<Paused, 'at'>
  readonly alerts: readonly NewAlert[]
}

type Tables = Database['tables']

/** The reason of a flow that somebody has paused: only its schedule stands still. */
export const pausedByHand = 'paused_by_hand'

export function openPauseStore({ sql, tables }: Database) {
  const needsOf = prepared(
    tables,
    () => '',
    ([flowId = '']) => needsQuery(tables, flowId),
  )
  return {
    /** The things that the flow uses now, in one query. */
    async needs(flowId: string): Promise<FlowNeeds | null> {
      const [row] = await needsOf([flowId], null)
      return row === undefined ? null : toNeeds(flowId, row)
    },

    /** Whether one of the credentials was deleted, even if it can be restored. */
    async someDeleted(credentialIds: readonly string[]): Promise<boolean> {
      const there = await tables
        .selectFrom('credentials')
        .select('id')
        .where('id', 'in', credentialIds)
        .where('deletedAt', 'is', null)
        .execute()
      return there.length < new Set(credentialIds).size
    },

    /** In one step with its alerts; false: it is paused already, or there is none. */
    pause: (pause: Pause): Promise<boolean> =>
      tables.transaction().execute((transaction) => pauseIn(transaction, pause)),

    /** Deletes a used credential and pauses its flows, in one step; false: somebody else deleted it. */
    deleteUsed(credentialId: string, pauses: readonly Pause[]): Promise<boolean> {
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

export type PauseStore = ReturnType<typeof openPauseStore>

function needsQuery(tables: Tables, flowId: string) {
  return tables
    .selectFrom('flows')
    .innerJoin('sides as source', 'source.id', 'flows.sourceId')
    .innerJoin('sides as destination', 'destination.id', 'flows.destinationId')
    .leftJoin('credentials as from', 'from.id', 'source.credentialId')
    .leftJoin('credentials as to', 'to.id', 'destination.credentialId')
    .leftJoin('sideFiles as readFiles', 'readFiles.sideId', 'source.id')
    .leftJoin('files as read', 'read.id', 'readFiles.fileId')
    .leftJoin('sideFiles as writtenFiles', 'writtenFiles.sideId', 'destination.id')
    .leftJoin('files as written', 'written.id', 'writtenFiles.fileId')
    .select(['flows.name', 'flows.ownerId', 'flows.pausedAt', 'flows.pausedCode', 'flows.pausedMessage'])
    .select(['source.id as sourceId', 'source.ownerId as sourceOwner', 'source.name as sourceName'])
    .select(['destination.id as destinationId', 'destination.ownerId as destinationOwner'])
    .select(['destination.name as destinationName'])
    .select(['from.id as fromId', 'from.ownerId as fromOwner', 'from.name as fromName'])
    .select(['to.id as toId', 'to.ownerId as toOwner', 'to.name as toName'])
    .select(['read.id as readId', 'read.ownerId as readOwner', 'read.name as readName'])
    .select(['written.id as writtenId', 'written.ownerId as writtenOwner', 'written.name as writtenName'])
    .select(['from.deletedAt as fromDeleted', 'to.deletedAt as toDeleted'])
    .where('flows.id', '=', flowId)
}

type NeedsRow = Awaited<ReturnType<ReturnType<typeof needsQuery>['executeTakeFirstOrThrow']>>

function toNeeds(flowId: string, row: NeedsRow): FlowNeeds {
  const { name, ownerId } = row
  const things = [
    usedThing('source', { id: row.sourceId, ownerId: row.sourceOwner, name: row.sourceName }),
    usedThing('destination', {
      id: row.destinationId,
      ownerId: row.destinationOwner,
      name: row.destinationName,
    }),
    usedThing('source credential', {
      id: row.fromId,
      ownerId: row.fromOwner,
      name: row.fromName,
      deletedAt: row.fromDeleted,
    }),
    usedThing('destination credential', {
      id: row.toId,
      ownerId: row.toOwner,
      name: row.toName,
      deletedAt: row.toDeleted,
    }),
    usedThing('source file', { id: row.readId, ownerId: row.readOwner, name: row.readName }),
    usedThing('destination file', { id: row.writtenId, ownerId: row.writtenOwner, name: row.writtenName }),
  ]
  return { flowId, name, ownerId, paused: paused.read(row, 'flows.paused'), things: things.flat() }
}

/** The kind of each part of a flow, and the role that the owner needs: a file that is written is replaced. */
const parts = {
  source: { kind: 'source', need: 'collaborator' },
  destination: { kind: 'destination', need: 'collaborator' },
  'source credential': { kind: 'credential', need: 'collaborator' },
  'destination credential': { kind: 'credential', need: 'collaborator' },
  'source file': { kind: 'file', need: 'collaborator' },
  'destination file': { kind: 'file', need: 'admin' },
} as const satisfies Record<UsedThing['part'], Pick<UsedThing, 'kind' | 'need'>>

/** Nothing where the flow has none. */
function usedThing(
  part: UsedThing['part'],
  found: { id: string | null; ownerId: string | null; name: string | null; deletedAt?: number | null },
): UsedThing[] {
  const { id, ownerId, name, deletedAt = null } = found
  if (id === null) return []
  return [{ part, ...parts[part], id, ownerId: ownerId ?? '', name: name ?? '', deleted: deletedAt !== null }]
}
