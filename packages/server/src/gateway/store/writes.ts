import { LatchworkError } from '@latchwork/contract'
import type { SealedRow } from '@latchwork/vault'
import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { passWrite } from '../../database/pass-tables.ts'
import { readSealed, writeSealed } from '../../database/sealed.ts'
import { nameOf } from '../../identity/store/viewing.ts'

export interface PassWriteRow extends RowOf<typeof passWrite> {
  /** Who decided about it; empty for somebody who was removed. */
  readonly deciderName: string
}

/** So many are listed. */
const mostListed = 100

export function openPassWriteStore(database: Database) {
  const { sql, tables } = database
  const rows = () =>
    tables.selectFrom('passWrites').selectAll().select(nameOf('passWrites.decidedBy').as('deciderName'))
  type Found = Awaited<ReturnType<ReturnType<typeof rows>['executeTakeFirstOrThrow']>>
  const toRow = ({ deciderName, ...row }: Found): PassWriteRow => ({
    ...passWrite.toRow(row),
    deciderName: deciderName ?? '',
  })
  return {
    /**
     * Stores a write that waits from now on.
     * @param most of one pass that wait at once
     * @throws LatchworkError `confirmations_full`, `pass_not_found`
     */
    async insert(row: NewOf<typeof passWrite>, most: number, waitMs: number): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        // Locked, so that two at once are counted in turn.
        const pass = await transaction
          .selectFrom('passes')
          .select('id')
          .where('id', '=', row.passId)
          .modifyEnd(sql.forUpdate)
          .executeTakeFirst()
        if (pass === undefined) throw new LatchworkError('pass_not_found')
        const { count } = await transaction
          .selectFrom('passWrites')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('passId', '=', row.passId)
          .where('state', '=', 'waiting')
          .where('expiresAt', '>', sql.now)
          .executeTakeFirstOrThrow()
        if (Number(count) >= most) throw new LatchworkError('confirmations_full')
        await transaction
          .insertInto('passWrites')
          .values((eb) => ({
            ...passWrite.toColumns(row),
            state: 'waiting',
            createdAt: sql.now,
            expiresAt: eb(sql.now, '+', waitMs),
          }))
          .execute()
      })
    },

    async find(passId: string, id: string): Promise<PassWriteRow | null> {
      const row = await rows().where('id', '=', id).where('passId', '=', passId).executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** The newest first. */
    async list(passId: string): Promise<PassWriteRow[]> {
      const found = await rows()
        .where('passId', '=', passId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(mostListed)
        .execute()
      return found.map(toRow)
    },

    /** Decides about a write that still waits: of several at once one does. Whether it was this one. */
    async decide(id: string, state: 'sending' | 'refused', by: string): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('passWrites')
        .set({ state, decidedBy: by, decidedAt: sql.now })
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /** Notes what came of a write that was sent, even if nobody believed it any more. */
    async end(
      id: string,
      state: 'sent' | 'failed' | 'in_doubt',
      status: number | null,
      answer: SealedRow | null,
    ): Promise<void> {
      await tables
        .updateTable('passWrites')
        .set({ state, status, answer: answer === null ? '' : writeSealed(answer) })
        .where('id', '=', id)
        .where('state', 'in', ['sending', 'in_doubt'])
        .execute()
    },

    /** Writes that were under way for so long that the process which sent them must have died. */
    async doubt(afterMs: number): Promise<{ id: string; passId: string }[]> {
      return tables
        .updateTable('passWrites')
        .set({ state: 'in_doubt' })
        .where('state', '=', 'sending')
        .where((eb) => eb('decidedAt', '<', eb(sql.now, '-', afterMs)))
        .returning(['id', 'passId'])
        .execute()
    },

    /** Erases what ended to wait before that time, with all that it held. */
    async eraseOld(afterMs: number): Promise<void> {
      await tables
        .deleteFrom('passWrites')
        .where((eb) => eb('expiresAt', '<', eb(sql.now, '-', afterMs)))
        .execute()
    },
  }
}

export type PassWriteStore = ReturnType<typeof openPassWriteStore>

/** The answer of a write; null: there is none. */
export function answerOf({ answer }: PassWriteRow): SealedRow | null {
  return answer === '' ? null : readSealed(answer)
}
