import { type Invitation, LatchworkError, type Member } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import { toTime } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { nameColumns } from '../../database/folding.ts'
import type { InvitationTable } from '../../database/identity-tables.ts'
import type { AuthTables } from '../../database/tables.ts'
import { violation } from '../../database/violations.ts'
import { refuseBeyondShare } from '../../shares/holding.ts'

export interface NewInvitation {
  readonly id: string
  readonly email: string
  readonly role: Member['role']
  /** SHA-256 of the link's token, hex. */
  readonly tokenHash: string
  readonly invitedBy: string
}

export interface InvitationRow extends NewInvitation {
  readonly expiresAt: string
}

type Auth = Database['auth']
type Tables = Database['tables']

export function openMemberStore(database: Database) {
  const { sql, tables, auth } = database
  /** An invitation counts as long as whoever made it may make one. */
  const administrators = () =>
    tables
      .$extendTables<Pick<AuthTables, 'user'>>()
      .selectFrom('user')
      .select('id')
      .where('role', '=', 'admin')
  const find = async (id: string): Promise<Member | null> => {
    const row = await users(auth).where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toMember(row)
  }
  return {
    find,

    async list(): Promise<Member[]> {
      const rows = await users(auth).orderBy('name').orderBy('id').execute()
      return rows.map(toMember)
    },

    async findByEmail(email: string): Promise<Member | null> {
      const row = await users(auth).where('email', '=', email.toLowerCase()).executeTakeFirst()
      return row === undefined ? null : toMember(row)
    },

    /** With an administrator's role end the invitations that they made, in one step. @throws LatchworkError `last_admin` */
    async setRole(id: string, role: Member['role']): Promise<Member | null> {
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

    async rename(id: string, name: string): Promise<Member | null> {
      await auth.updateTable('user').set({ name }).where('id', '=', id).execute()
      return find(id)
    },

    /**
     * In one step: tokens, sign-ins and authorizations under way, invitations, drafts and undo end, grants go, what the member owns is the heir's. A credential whose name the heir has already
     * gets the member's name behind its own. @throws LatchworkError `last_admin`
     */
    async remove(id: string, heirId: string): Promise<boolean> {
      return tables.transaction().execute(async (transaction) => {
        const people = authTables(transaction)
        await refuseLastAdmin(people, id)
        const member = await people
          .selectFrom('user')
          .select(['name', 'email'])
          .where('id', '=', id)
          .modifyEnd(sql.forUpdate)
          .executeTakeFirst()
        if (member === undefined) return false
        await withdrawDerived(transaction, id, member.email)
        await renameForHeir(transaction, id, heirId, member.name)
        await renameFilesForHeir(transaction, id, heirId, member.name)
        for (const table of ['credentials', 'sides', 'flows', 'files'] as const) {
          await transaction.updateTable(table).set({ ownerId: heirId }).where('ownerId', '=', id).execute()
        }
        await transaction.deleteFrom('resourceGrants').where('subjectId', '=', id).execute()
        await people.deleteFrom('account').where('userId', '=', id).execute()
        await people.deleteFrom('user').where('id', '=', id).execute()
        return true
      })
    },

    async invitations(): Promise<Invitation[]> {
      const rows = await tables
        .selectFrom('invitations')
        .selectAll()
        .where('expiresAt', '>', sql.now)
        .where('invitedBy', 'in', administrators())
        .orderBy('createdAt', 'desc')
        .orderBy('id')
        .execute()
      const names = new Map((await users(auth).execute()).map((user) => [user.id, user.name]))
      return rows.map((row) => toInvitation(row, names.get(row.invitedBy)))
    },

    async findInvitation(id: string): Promise<{ readonly email: string } | null> {
      const row = await tables
        .selectFrom('invitations')
        .select('email')
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    },

    /** The id of the invitation of an address, expired ones too. */
    async invitationOf(email: string): Promise<string | null> {
      const row = await tables
        .selectFrom('invitations')
        .select('id')
        .where('email', '=', email)
        .executeTakeFirst()
      return row?.id ?? null
    },

    /**
     * @param replaced the invitation of the same address that this one takes the place of
     * @throws LatchworkError `conflict` if the address has got another one meanwhile, `share_full`
     */
    async invite(row: NewInvitation, ttlMs: number, replaced: string | null = null): Promise<Invitation> {
      const made = await tables
        .transaction()
        .execute(async (transaction) => {
          await transaction
            .deleteFrom('invitations')
            .where('id', '=', replaced ?? '')
            .execute()
          const kept = transaction
            .selectFrom('invitations')
            .select((eb) => eb.fn.countAll<number>().as('count'))
            .where('invitedBy', '=', row.invitedBy)
            .where('expiresAt', '>', sql.now)
          await refuseBeyondShare(database, transaction, row.invitedBy, 'invitations', () =>
            kept.executeTakeFirstOrThrow(),
          )
          return transaction
            .insertInto('invitations')
            .values((eb) => ({ ...row, createdAt: sql.now, expiresAt: eb(sql.now, '+', ttlMs) }))
            .returningAll()
            .executeTakeFirstOrThrow()
        })
        .catch((error: unknown) => {
          if (violation(error) !== 'unique') throw error
          const message = 'Somebody else has just invited this address. Load the invitations again.'
          throw new LatchworkError('conflict', { message })
        })
      return toInvitation(made, (await find(row.invitedBy))?.name)
    },

    /** Not expired by the database's clock, made by who is an administrator still; stays. */
    async lookInvitation(tokenHash: string): Promise<InvitationRow | null> {
      const row = await tables
        .selectFrom('invitations')
        .selectAll()
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where('invitedBy', 'in', administrators())
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** Answers the row, likewise, and erases it in one step. */
    async takeInvitation(tokenHash: string): Promise<InvitationRow | null> {
      const row = await tables
        .deleteFrom('invitations')
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where('invitedBy', 'in', administrators())
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async eraseInvitation(id: string): Promise<boolean> {
      const { numDeletedRows } = await tables
        .deleteFrom('invitations')
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }

  /** What a person's rights were lent to by that person: it ends with them. */
  async function withdrawDerived(transaction: Tables, id: string, email: string): Promise<void> {
    // An authorization under way stays: it is refused at its callback, where its grant is ended.
    for (const table of ['apiTokens', 'deviceSignIns'] as const) {
      await transaction.deleteFrom(table).where('userId', '=', id).execute()
    }
    await transaction
      .deleteFrom('invitations')
      .where((eb) => eb.or([eb('invitedBy', '=', id), eb('email', '=', email.toLowerCase())]))
      .execute()
    // The sweep erases it, and ends its grant.
    await transaction
      .updateTable('credentials')
      .set({ draftExpiresAt: sql.now })
      .where('ownerId', '=', id)
      .where('status', '=', 'draft')
      .execute()
    await transaction
      .updateTable('previousSecrets')
      .set({ undoUntil: sql.now })
      .where('replacedBy', '=', id)
      .where('undoUntil', '>', sql.now)
      .execute()
  }

  /** Of two administrators who take each other's role away at once, one is refused: both wait for the same rows. */
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

function toMember(row: UserRow): Member {
  return { ...row, role: toRole(row.role), createdAt: new Date(row.createdAt).toISOString() }
}

function toRole(text: string): Member['role'] {
  return text === 'admin' ? 'admin' : 'member'
}

/** better-auth's tables inside a transaction on ours. */
function authTables(transaction: Database['tables']): Auth {
  return transaction.withoutPlugins().$extendTables<Pick<AuthTables, keyof AuthTables>>()
}

function toInvitation(row: Selectable<InvitationTable>, inviterName: string | undefined): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: toRole(row.role),
    invitedBy: { id: row.invitedBy, name: inviterName ?? '' },
    createdAt: toTime(row.createdAt),
    expiresAt: toTime(row.expiresAt),
  }
}

function toRow({ createdAt: _createdAt, ...row }: Selectable<InvitationTable>): InvitationRow {
  return { ...row, role: toRole(row.role), expiresAt: toTime(row.expiresAt) }
}

/** Names are unique among an owner's credentials. */
async function renameForHeir(
  transaction: Database['tables'],
  memberId: string,
  heirId: string,
  memberName: string,
): Promise<void> {
  const saved = transaction
    .selectFrom('credentials')
    .select(['id', 'name', 'nameKey'])
    .where('status', '<>', 'draft')
    .where('deletedAt', 'is', null)
  const taken = new Set((await saved.where('ownerId', '=', heirId).execute()).map(({ nameKey }) => nameKey))
  for (const { id, name, nameKey } of await saved.where('ownerId', '=', memberId).execute()) {
    let columns = { ...nameColumns(name), nameKey }
    for (let count = 1; taken.has(columns.nameKey); count++) {
      columns = nameColumns(name.slice(0, 150) + ofMember(memberName, count))
    }
    taken.add(columns.nameKey)
    if (columns.name !== name) {
      await transaction.updateTable('credentials').set(columns).where('id', '=', id).execute()
    }
  }
}

function ofMember(memberName: string, count: number): string {
  return ` (${memberName.slice(0, 40)}${count === 1 ? '' : ` ${count}`})`
}

/** And among an owner's files: `leads.csv` becomes `leads (Ann).csv`. What reads it goes by its id. */
async function renameFilesForHeir(
  transaction: Database['tables'],
  memberId: string,
  heirId: string,
  memberName: string,
): Promise<void> {
  const files = transaction.selectFrom('files').select(['id', 'name'])
  const plainName = memberName.replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
  const taken = new Set((await files.where('ownerId', '=', heirId).execute()).map(({ name }) => name))
  for (const file of await files.where('ownerId', '=', memberId).execute()) {
    const [, stem = file.name, ending = ''] = /^(.+?)(\.[^.]{1,20})?$/s.exec(file.name) ?? []
    let { name } = file
    for (let count = 1; taken.has(name); count++) {
      name = stem.slice(0, 100) + ofMember(plainName, count) + ending
    }
    taken.add(name)
    if (name !== file.name)
      await transaction.updateTable('files').set({ name }).where('id', '=', file.id).execute()
  }
}
