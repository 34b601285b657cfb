import type { Database } from '../../database/database.ts'

/** A refused record as it is stored. */
export interface SealedRefused {
  /** 1 for the first record of the run that was refused. */
  readonly position: number
  /** Empty: the only one, of a run of an earlier version. */
  readonly stream: string
  /** Its key, row, code and message, sealed. */
  readonly reason: string
  readonly record: string
  /** 1: all of the record is kept. Left out or 0: a part of it, or nobody knows. */
  readonly whole?: number
}

/** The plain records of one run; the texts are JSON, as they were stored. */
export interface PlainRecords {
  readonly runId: string
  readonly last: { readonly columns: string; readonly records: string } | null
  readonly refused: readonly {
    readonly position: number
    readonly key: string | null
    readonly record: string
    readonly code: string
    readonly message: string
    /** Milliseconds since 1970. */
    readonly at: number
  }[]
}

/** Records of versions before 0016-sealed-records. They are only read to be sealed. */
export function openPlainRecords({ tables }: Database) {
  return {
    /** Some plain records of one run; null: there are none left. */
    async plain(limit: number): Promise<PlainRecords | null> {
      const samples = tables.selectFrom('runSamples').select('runId')
      const refusals = tables.selectFrom('quarantine').select('runId')
      const some = (await samples.limit(1).executeTakeFirst()) ?? (await refusals.limit(1).executeTakeFirst())
      if (some === undefined) return null
      const { runId } = some
      const last = await tables
        .selectFrom('runSamples')
        .select(['columns', 'records'])
        .where('runId', '=', runId)
        .executeTakeFirst()
      const refused = await tables
        .selectFrom('quarantine')
        .select(['position', 'primaryKey as key', 'record', 'code', 'message', 'at'])
        .where('runId', '=', runId)
        .orderBy('position')
        .limit(limit)
        .execute()
      return { runId, last: last ?? null, refused }
    },

    /** Replaces the records that `plain` returned by sealed ones. The run has a key. */
    replacePlain: (
      { runId }: PlainRecords,
      last: { readonly columns: string; readonly records: string } | null,
      refused: readonly (SealedRefused & { readonly at: number })[],
    ): Promise<void> =>
      tables.transaction().execute(async (transaction) => {
        const newer = await transaction
          .selectFrom('lastRecords')
          .select('stream')
          .where('runId', '=', runId)
          .limit(1)
          .executeTakeFirst()
        if (last !== null && newer === undefined) {
          await transaction
            .insertInto('lastRecords')
            .values({ runId, stream: '', ...last })
            // A run under way, or a quicker process, has stored newer ones already.
            .onConflict((conflict) => conflict.columns(['runId', 'stream']).doNothing())
            .execute()
        }
        await transaction.deleteFrom('runSamples').where('runId', '=', runId).execute()
        const positions = refused.map(({ position }) => position)
        if (positions.length === 0) return
        await transaction
          .insertInto('refusedRecords')
          .values(refused.map((row) => ({ ...row, runId, whole: 0, replayRunId: null })))
          .onConflict((conflict) => conflict.columns(['runId', 'position']).doNothing())
          .execute()
        await transaction
          .deleteFrom('quarantine')
          .where('runId', '=', runId)
          .where('position', 'in', positions)
          .execute()
      }),
  }
}
