import { createHash } from 'node:crypto'
import type { Json } from '@latchwork/connectors'
import { goesOnFrom, LatchworkError } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import { account } from '../../database/flow-tables.ts'
import { flowStream, type MadeWith } from '../../database/stream-tables.ts'
import { type HeldRun, whileHeld } from './held.ts'
import { type RunRow, runUnderWay } from './run-row.ts'

/** Where flows go on from: the state of each stream, and what it was made with. */
export function openFlowStates(database: Database) {
  const { sql, tables } = database
  return {
    /**
     * Where a run goes on with a stream; null: at its beginning. A state that was made with something else is erased: what
     * this run writes makes it untrue.
     * @param now null: nobody knows it, and the state stands
     * @throws RunTaken
     */
    takeState: (
      held: HeldRun & Pick<RunRow, 'flowId'>,
      stream: string,
      now: MadeWith | null,
    ): Promise<Json> =>
      whileHeld(database, held, async (transaction) => {
        const found = await transaction
          .selectFrom('flowStreams')
          .selectAll()
          .where('flowId', '=', held.flowId)
          .where('stream', '=', stream)
          .executeTakeFirst()
        if (found === undefined) return null
        const { state, madeWith } = flowStream.toRow(found)
        if (isOf(madeWith, now)) return state
        await transaction
          .deleteFrom('flowStreams')
          .where('flowId', '=', held.flowId)
          .where('stream', '=', stream)
          .execute()
        return null
      }),

    /** What the states of a flow were made with, by stream. */
    async statesOf(flowId: string): Promise<ReadonlyMap<string, MadeWith | null>> {
      const rows = await tables
        .selectFrom('flowStreams')
        .selectAll()
        .where('flowId', '=', flowId)
        .orderBy('stream')
        .execute()
      return new Map(rows.map((row) => [row.stream, flowStream.toRow(row).madeWith]))
    },

    /**
     * The next run begins these streams at the start. A run that was to be tried again by itself is not any more: it
     * would go on where it stopped.
     * @throws LatchworkError `run_active`
     */
    forgetStates: (flowId: string, streams: readonly string[]): Promise<void> =>
      tables.transaction().execute(async (transaction) => {
        // An insert of a run holds a lock on its flow, so after this wait the run is visible.
        await transaction
          .selectFrom('flows')
          .select('id')
          .where('id', '=', flowId)
          .modifyEnd(sql.forUpdate)
          .execute()
        const active = await runUnderWay(transaction, flowId)
        if (active !== null) throw new LatchworkError('run_active')
        await transaction
          .updateTable('runs')
          .set({ retryAt: null })
          .where('flowId', '=', flowId)
          .where('retryAt', 'is not', null)
          .execute()
        await transaction
          .deleteFrom('flowStreams')
          .where('flowId', '=', flowId)
          .where('stream', 'in', streams)
          .execute()
      }),

    /** Of a flow whose choice changes: states of which nobody knows what they were made with. */
    async forgetUnknownStates(flowId: string): Promise<void> {
      await tables
        .deleteFrom('flowStreams')
        .where('flowId', '=', flowId)
        .where('madeWith', 'is', null)
        .execute()
    },

    /** Names the accounts and the forms of both sides of a flow: another place has nothing of what was read before. */
    async placeOf(flowId: string): Promise<string> {
      const rows = await tables
        .selectFrom('sides')
        .innerJoin('flows', (join) =>
          join.on((eb) =>
            eb.or([
              eb('flows.sourceId', '=', eb.ref('sides.id')),
              eb('flows.destinationId', '=', eb.ref('sides.id')),
            ]),
          ),
        )
        .leftJoin('credentials', 'credentials.id', 'sides.credentialId')
        .select(['sides.kind', 'sides.connector', 'sides.config', 'sides.credentialId'])
        .select(['credentials.identity', 'flows.schema'])
        .where('flows.id', '=', flowId)
        .orderBy('sides.kind')
        .execute()
      const sides = rows.map(({ kind, connector, config, credentialId, identity }) => {
        const organization = account.read(identity, 'credentials.identity')?.organizationId ?? credentialId
        return [kind, connector, organization, Object.entries(JSON.parse(config)).sort()]
      })
      const schema = rows[0]?.schema ?? null
      const place = schema === null ? sides : [...sides, schema]
      return createHash('sha256').update(JSON.stringify(place)).digest('base64url')
    },
  }
}

/** Whether what was made with the one is right for the other. */
export function isOf(before: MadeWith | null, now: MadeWith | null): boolean {
  if (before === null || now === null) return true
  return before.place === now.place && goesOnFrom(before, now)
}
