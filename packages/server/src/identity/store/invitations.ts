import { LatchworkError } from '@latchwork/contract'
import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { invitation } from '../../database/identity-tables.ts'
import type { AuthTables } from '../../database/tables.ts'
import { violation } from '../../database/violations.ts'
import { holdShare, refuseBeyondShare } from '../../shares/holding.ts'

export interface InvitationRow extends RowOf<typeof invitation> {
  /** Empty if the inviter is no longer a member. */
  readonly inviterName: string
}

export function openInvitationStore(database: Database) {
  const { sql } = database
  const tables = database.tables.$extendTables<Pick<AuthTables, 'user'>>()
  /** An invitation is valid only as long as its maker is an administrator. */
  const administrators = tables.selectFrom('user').select('id').where('role', '=', 'admin')
  const views = () =>
    tables
      .selectFrom('invitations')
      .leftJoin('user', 'user.id', 'invitations.invitedBy')
      .selectAll('invitations')
      .select('user.name as inviterName')
  const valid = () =>
    views().where('invitations.expiresAt', '>', sql.now).where('invitations.invitedBy', 'in', administrators)

  return {
    /** The valid ones, newest first. */
    async list(): Promise<InvitationRow[]> {
      const rows = await valid().orderBy('invitations.createdAt', 'desc').orderBy('invitations.id').execute()
      return rows.map(toRow)
    },

    async find(id: string): Promise<{ readonly email: string } | null> {
      const row = await tables
        .selectFrom('invitations')
        .select('email')
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    },

    /** The id of the invitation of an address, expired ones too. */
    async idFor(email: string): Promise<string | null> {
      const row = await tables
        .selectFrom('invitations')
        .select('id')
        .where('email', '=', email)
        .executeTakeFirst()
      return row?.id ?? null
    },

    /**
     * @param replaced the invitation of the same address that this one replaces
     * @throws LatchworkError `conflict` if the address was invited again meanwhile, `share_full`
     */
    async insert(
      row: Omit<NewOf<typeof invitation>, 'createdAt' | 'expiresAt'>,
      ttlMs: number,
      replaced: string | null = null,
    ): Promise<InvitationRow> {
      const inserting = database.tables.transaction().execute(async (transaction) => {
        // Before a row is locked: two who replace one invitation would wait for each other.
        await holdShare(database, transaction, row.invitedBy)
        await transaction
          .deleteFrom('invitations')
          .where('id', '=', replaced ?? '')
          .execute()
        const held = transaction
          .selectFrom('invitations')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('invitedBy', '=', row.invitedBy)
          .where('expiresAt', '>', sql.now)
        await refuseBeyondShare(database, transaction, row.invitedBy, 'invitations', () =>
          held.executeTakeFirstOrThrow(),
        )
        await transaction
          .insertInto('invitations')
          .values((eb) => ({ ...row, createdAt: sql.now, expiresAt: eb(sql.now, '+', ttlMs) }))
          .execute()
      })
      await inserting.catch((error: unknown) => {
        if (violation(error) !== 'unique') throw error
        const message = 'Somebody else has just invited this address. Load the invitations again.'
        throw new LatchworkError('conflict', { message })
      })
      return toRow(await views().where('invitations.id', '=', row.id).executeTakeFirstOrThrow())
    },

    /** Finds a valid one, and leaves it. */
    async look(tokenHash: string): Promise<InvitationRow | null> {
      const row = await valid().where('tokenHash', '=', tokenHash).executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** Returns a valid one and erases it in one step. */
    async take(tokenHash: string): Promise<RowOf<typeof invitation> | null> {
      const row = await tables
        .deleteFrom('invitations')
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where('invitedBy', 'in', administrators)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : invitation.toRow(row)
    },

    async erase(id: string): Promise<boolean> {
      const { numDeletedRows } = await tables
        .deleteFrom('invitations')
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

/** Invitations by the hash of their link's token. Valid until they expire, while their maker is an administrator. */
export type InvitationStore = ReturnType<typeof openInvitationStore>

function toRow({
  inviterName,
  ...row
}: Parameters<typeof invitation.toRow>[0] & { inviterName: string | null }): InvitationRow {
  return { ...invitation.toRow(row), inviterName: inviterName ?? '' }
}
