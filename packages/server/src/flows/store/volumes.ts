import type { Database } from '../../database/database.ts'

/** What a stream read in a run that read it to its end. */
export interface Volume {
  readonly runId: string
  readonly stream: string
  /** Read whole; else by its changes. */
  readonly full: boolean
  readonly records: number
  /** When the run was asked for, in milliseconds since 1970. */
  readonly atMs: number
}

/** So many runs of a flow are looked at. */
const runsLookedAt = 30

/** How much flows read. */
export function openVolumes({ sql, tables }: Database) {
  return {
    /** What the last runs of a flow read of their streams, newest first. Replays and runs of a part don't count. */
    async volumesOf(flowId: string): Promise<Volume[]> {
      const rows = await tables
        .selectFrom((eb) =>
          eb
            .selectFrom('runs')
            .select(['runs.id', 'runs.createdAt'])
            .where('flowId', '=', flowId)
            .where('replayOf', 'is', null)
            .where('scope', 'is', null)
            .orderBy('createdAt', 'desc')
            .orderBy('id', 'desc')
            .limit(runsLookedAt)
            .as('recent'),
        )
        .innerJoin('runStreams', 'runStreams.runId', 'recent.id')
        .select(['recent.id as runId', 'recent.createdAt as atMs', 'runStreams.stream'])
        .select('runStreams.recordsRead as records')
        .select(sql.textIn('runStreams.chosen', 'mode').as('mode'))
        .where('runStreams.status', 'in', ['succeeded', 'partial'])
        .where('runStreams.chosen', 'is not', null)
        .orderBy('recent.createdAt', 'desc')
        .orderBy('recent.id', 'desc')
        .execute()
      return rows.map(({ mode, ...row }) => ({ ...row, full: mode === 'full' }))
    },

    /** A flow's streams have read something of what changed. */
    async noteRead(flowId: string): Promise<void> {
      await tables.updateTable('flows').set({ readAt: sql.now }).where('id', '=', flowId).execute()
    },
  }
}
