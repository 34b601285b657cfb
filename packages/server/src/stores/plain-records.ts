import type { Database } from './database.ts'
import type { RecordStore } from './records-interface.ts'

/** What versions before 0016-sealed-records kept of runs: it is only read to be sealed. */
export function openPlainRecords({ tables }: Database): Pick<RecordStore, 'plain' | 'replacePlain'> {
  return {
    async plain(limit) {
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
        .select(['position', 'recordKey as key', 'record', 'code', 'message', 'at'])
        .where('runId', '=', runId)
        .orderBy('position')
        .limit(limit)
        .execute()
      return { runId, last: last ?? null, refused }
    },

    replacePlain: ({ runId }, last, refused) =>
      tables.transaction().execute(async (transaction) => {
        if (last !== null) {
          await transaction
            .insertInto('lastRecords')
            .values({ runId, ...last })
            // A run that goes on has newer ones already; so has another process that was quicker.
            .onConflict((conflict) => conflict.column('runId').doNothing())
            .execute()
        }
        await transaction.deleteFrom('runSamples').where('runId', '=', runId).execute()
        const positions = refused.map(({ position }) => position)
        if (positions.length === 0) return
        await transaction
          .insertInto('refusedRecords')
          .values(refused.map((row) => ({ ...row, runId })))
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
