import { LatchworkError, type Member } from '@latchwork/contract'
import type { RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { member } from '../../database/identity-tables.ts'
import type { AuthTables } from '../../database/tables.ts'
import { handOver, withdrawDerived } from './leaving.ts'

export type MemberRow = RowOf<typeof member>

type Auth = Database['auth']

export function openMemberStore({ sql, tables, auth }: Database) {
  const find = async (id: string): Promise<MemberRow | null> => {
    const row = await users(auth).where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : member.toRow(row)
  }
  return {
    find,

    async list(): Promise<MemberRow[]> {
      const rows = await users(auth).orderBy('name').orderBy('id').execute()
      return rows.map(member.toRow)
    },

    async findByEmail(email: string): Promise<MemberRow | null> {
      const row = await users(auth).where('email', '=', email.toLowerCase()).executeTakeFirst()
      return row === undefined ? null : member.toRow(row)
    },

    /**
     * Taking an administrator's role also ends the invitations that they made, in one step.
     * @throws LatchworkError `last_admin`
     */
    async setRole(id: string, role: Member['role']): Promise<MemberRow | null> {
      await tables.transaction().execute(async (transaction) => {
        const people = authTables(transaction)
        if (role !== 'admin') {
          await refuseLastAdmin(people, id)
          await transaction.deleteFrom('invitations').where('invitedBy', '=', id).execute()
        }
        await people.updateTable('user').set(member.toChangedColumns({ role })).where('id', '=', id).execute()
      })
      return find(id)
    },

    async rename(id: string, name: string): Promise<MemberRow | null> {
      await auth.updateTable('user').set(member.toChangedColumns({ name })).where('id', '=', id).execute()
      return find(id)
    },

    /**
     * Removes a member in one step. Ends tokens, sign-ins and authorizations under way, invitations, drafts and undo.
     * Removes the member's grants, and gives what the member owns to the heir.
     * @throws LatchworkError `last_admin`
     */
    async remove(id: string, heirId: string): Promise<boolean> {
      return tables.transaction().execute(async (transaction) => {
        const people = authTables(transaction)
        await refuseLastAdmin(people, id)
        const gone = await people
          .selectFrom('user')
          .select(['id', 'name', 'email'])
          .where('id', '=', id)
          .modifyEnd(sql.forUpdate)
          .executeTakeFirst()
        if (gone === undefined) return false
        await withdrawDerived(sql, transaction, gone)
        await handOver(transaction, gone, heirId)
        await transaction.deleteFrom('resourceGrants').where('subjectId', '=', id).execute()
        await people.deleteFrom('passwords').where('userId', '=', id).execute()
        await people.deleteFrom('user').where('id', '=', id).execute()
        return true
      })
    },
  }

  /** If two administrators take each other's role away at once, one is refused: both wait for the same rows. */
  async function refuseLastAdmin(people: Auth, id: string): Promise<void> {
    const admins = await people
      .selectFrom('user')
      .select('id')
      .where('role', '=', 'admin')
      .orderBy('id')
      .modifyEnd(sql.forUpdate)
      .execute()
    if (admins.length === 1 && admins[0]?.id === id) throw new LatchworkError('last_admin')
  }
}

export type MemberStore = ReturnType<typeof openMemberStore>

function users(auth: Auth) {
  return auth.selectFrom('user').select(['id', 'name', 'email', 'role', 'createdAt'])
}

/** better-auth's tables inside a transaction on ours. */
function authTables(transaction: Database['tables']): Auth {
  return transaction.withoutPlugins().$extendTables<Pick<AuthTables, keyof AuthTables>>()
}
