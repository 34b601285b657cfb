import { LatchworkError, type Member } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import type { AuthTables } from '../../database/tables.ts'
import { handOver, withdrawDerived } from './leaving.ts'

/** A member as better-auth keeps one. */
export interface MemberRow extends Omit<Member, 'createdAt'> {
  readonly createdAt: number
}

type Auth = Database['auth']

export function openMemberStore({ sql, tables, auth }: Database) {
  const find = async (id: string): Promise<MemberRow | null> => {
    const row = await users(auth).where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRow(row)
  }
  return {
    find,

    async list(): Promise<MemberRow[]> {
      const rows = await users(auth).orderBy('name').orderBy('id').execute()
      return rows.map(toRow)
    },

    async findByEmail(email: string): Promise<MemberRow | null> {
      const row = await users(auth).where('email', '=', email.toLowerCase()).executeTakeFirst()
      return row === undefined ? null : toRow(row)
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
        await people.updateTable('user').set({ role }).where('id', '=', id).execute()
      })
      return find(id)
    },

    async rename(id: string, name: string): Promise<MemberRow | null> {
      await auth.updateTable('user').set({ name }).where('id', '=', id).execute()
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
        const member = await people
          .selectFrom('user')
          .select(['id', 'name', 'email'])
          .where('id', '=', id)
          .modifyEnd(sql.forUpdate)
          .executeTakeFirst()
        if (member === undefined) return false
        await withdrawDerived(sql, transaction, member)
        await handOver(transaction, member, heirId)
        await transaction.deleteFrom('resourceGrants').where('subjectId', '=', id).execute()
        await people.deleteFrom('account').where('userId', '=', id).execute()
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

type UserRow = Awaited<ReturnType<ReturnType<typeof users>['executeTakeFirstOrThrow']>>

function toRow(row: UserRow): MemberRow {
  const role = row.role === 'admin' ? 'admin' : 'member'
  return { ...row, role, createdAt: new Date(row.createdAt).getTime() }
}

/** better-auth's tables inside a transaction on ours. */
function authTables(transaction: Database['tables']): Auth {
  return transaction.withoutPlugins().$extendTables<Pick<AuthTables, keyof AuthTables>>()
}
