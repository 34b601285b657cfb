import {
  administrators,
  type Grant,
  LatchworkError,
  type ResourceKind,
  type ResourceRole,
  resourceKinds,
  resourceRoles,
  type Subject,
} from '@latchwork/contract'
import { type RawBuilder, sql as sqlText } from 'kysely'
import type { NewOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { everyone, grant, idOfSubject } from '../../database/identity-tables.ts'
import { prepared } from '../../database/prepared.ts'
import type { AuthTables } from '../../database/tables.ts'
import { violation } from '../../database/violations.ts'
import type { GrantedRole, Thing } from './viewing.ts'

type Tables = Database['tables']

export function openAccessStore({ sql, tables, auth }: Database) {
  const rightsOf = prepared(
    tables,
    (things: readonly Thing[]) => things.map(({ kind }) => kind).join(' '),
    ([memberId = '', ...ids], things) =>
      rightsQuery(
        tables,
        memberId,
        things.map(({ kind }, index) => ({ kind, id: ids[index] ?? '' })),
      ),
  )
  return {
    /**
     * The subject's strongest role for each thing, by id. Things without a role, or that do not exist, are left out.
     * One query on what the database says now: whether the member still exists, the workspace role, the owners, the
     * grants.
     */
    async rolesOf(subject: Subject, things: readonly Thing[]): Promise<ReadonlyMap<string, ResourceRole>> {
      const roles = new Map<string, ResourceRole>()
      if (things.length === 0) return roles
      const memberId = idOfSubject(subject)
      const rights = await rightsOf([memberId, ...things.map(({ id }) => id)], things)
      const said = (about: string, id: string) =>
        rights.filter((found) => found.about === about && found.id === id).map((found) => found.says)
      const workspaceRole = said('member', memberId)[0]
      if (subject.kind === 'member' && workspaceRole === undefined) return roles
      for (const { kind, id } of things) {
        const owner = said(kind, id)[0]
        if (owner === undefined) continue
        const granted = said('grant', id)
        const role =
          workspaceRole === 'admin' || owner === memberId
            ? 'owner'
            : resourceRoles.findLast((candidate) => granted.includes(candidate))
        if (role !== undefined) roles.set(id, role)
      }
      return roles
    },

    async flowOfRun(runId: string): Promise<string | null> {
      const run = await tables.selectFrom('runs').select('flowId').where('id', '=', runId).executeTakeFirst()
      return run?.flowId ?? null
    },

    /** The owner first, then everyone, then members by name. */
    async grants(kind: ResourceKind, id: string): Promise<Grant[]> {
      const owner = await ownerOf(tables, kind, id)
      const rows = await tables
        .selectFrom('resourceGrants')
        .selectAll()
        .where('resourceId', '=', id)
        .where('resourceKind', '=', kind)
        .execute()
      const ids = [...(owner === null ? [] : [owner]), ...rows.map((row) => row.subjectId)]
      if (ids.length === 0) return []
      const users = await auth.selectFrom('user').select(['id', 'name']).where('id', 'in', ids).execute()
      const names = new Map(users.map((user) => [user.id, user.name]))
      const shown = (id: string, role: ResourceRole): Grant => {
        if (id === everyone) return { subject: { kind: 'everyone' }, member: null, role }
        const member = id === administrators.id ? administrators : { id, name: names.get(id) ?? '' }
        return { subject: { kind: 'member', ...member }, member, role }
      }
      const granted = rows
        .map(grant.toRow)
        .map(({ subject, role }) => shown(idOfSubject(subject), role))
        .sort((a, b) => (a.member?.name ?? '').localeCompare(b.member?.name ?? ''))
      return owner === null ? granted : [shown(owner, 'owner'), ...granted]
    },

    /** `role` null removes the grant. */
    async grant(
      kind: ResourceKind,
      id: string,
      {
        subject,
        role,
        by,
      }: { readonly subject: Subject; readonly role: GrantedRole | null; readonly by: string },
    ): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        await lockedOwner(transaction, kind, id, sql.forShare)
        if (role === null) await withdraw(transaction, id, subject)
        else await give(transaction, { resourceId: id, resourceKind: kind, subject, role, grantedBy: by })
      })
    },

    /**
     * The former owner stays an admin of it. A draft is its maker's, and counts among their drafts.
     * @throws LatchworkError `name_taken`, `member_not_found`, `credential_draft`
     */
    async transfer(kind: ResourceKind, id: string, to: string, by: string): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        const owner = await lockedOwner(transaction, kind, id, sql.forUpdate)
        if (owner === null || owner === to) return
        // Locked until the end, so that a member who is removed at the same time gets nothing more.
        const heir = await transaction
          .$extendTables<Pick<AuthTables, 'user'>>()
          .selectFrom('user')
          .select('id')
          .where('id', '=', to)
          .modifyEnd(sql.forShare)
          .executeTakeFirst()
        if (heir === undefined) throw new LatchworkError('member_not_found')
        if (kind === 'credential' && (await isDraft(transaction, id))) {
          throw new LatchworkError('credential_draft', {
            message: 'A draft belongs to whoever makes it. Save the credential, then hand it over.',
          })
        }
        try {
          await transaction.updateTable(tableOf(kind)).set({ ownerId: to }).where('id', '=', id).execute()
        } catch (error) {
          if (violation(error) !== 'unique') throw error
          throw new LatchworkError('name_taken', {
            message: 'The new owner already has one with this name. Rename this one first.',
          })
        }
        await withdraw(transaction, id, { kind: 'member', id: to })
        if (owner === administrators.id) return
        const subject = { kind: 'member', id: owner } as const
        const given = { resourceId: id, resourceKind: kind, subject, role: 'admin', grantedBy: by } as const
        await give(transaction, given)
      })
    },
  }

  async function give(transaction: Tables, given: NewOf<typeof grant>): Promise<void> {
    await transaction
      .insertInto('resourceGrants')
      .values({ ...grant.toColumns(given), grantedAt: sql.now })
      .onConflict((conflict) =>
        conflict
          .columns(['resourceId', 'subjectKind', 'subjectId'])
          .doUpdateSet({ ...grant.toChangedColumns(given), grantedAt: sql.now }),
      )
      .execute()
  }
}

export type AccessStore = ReturnType<typeof openAccessStore>

async function withdraw(transaction: Tables, id: string, subject: Subject): Promise<void> {
  await transaction
    .deleteFrom('resourceGrants')
    .where('resourceId', '=', id)
    .where('subjectKind', '=', subject.kind)
    .where('subjectId', '=', idOfSubject(subject))
    .execute()
}

/**
 * The owner of a thing. Grants and transfers both lock its row first, so that they cannot wait for each other in a
 * circle, and see the present owner.
 */
async function lockedOwner(
  transaction: Tables,
  kind: ResourceKind,
  id: string,
  lock: RawBuilder<unknown>,
): Promise<string | null> {
  const row = await transaction
    .selectFrom(tableOf(kind))
    .select('ownerId')
    .where('id', '=', id)
    .modifyEnd(lock)
    .executeTakeFirst()
  return row?.ownerId ?? null
}

async function isDraft(transaction: Tables, id: string): Promise<boolean> {
  const draft = await transaction
    .selectFrom('credentials')
    .select('id')
    .where('id', '=', id)
    .where('status', '=', 'draft')
    .executeTakeFirst()
  return draft !== undefined
}

const tablesOfKinds = {
  credential: 'credentials',
  source: 'sides',
  destination: 'sides',
  flow: 'flows',
  file: 'files',
  pass: 'passes',
} as const satisfies Record<ResourceKind, string>

function tableOf(kind: ResourceKind): (typeof tablesOfKinds)[ResourceKind] {
  return tablesOfKinds[kind]
}

/** The owner of a thing; null if there is none. A deleted credential still has its owner, who may restore it. */
async function ownerOf(tables: Tables, kind: ResourceKind, id: string): Promise<string | null> {
  const [row] = await ownersOf(tables, kind, [id]).execute()
  return row?.says ?? null
}

function ownersOf(tables: Tables, kind: ResourceKind, ids: readonly string[]) {
  const table = tableOf(kind)
  const rows = tables
    .selectFrom(table)
    .select((eb) => [eb.val<string>(kind).as('about'), `${table}.id`, `${table}.ownerId as says`])
    .where(`${table}.id`, 'in', ids)
  return table === 'sides' ? rows.where(sqlText.ref<string>('sides.kind'), '=', kind) : rows
}

/** Selects what decides a member's rights to things: the workspace role, the owners, and the grants. */
function rightsQuery(tables: Tables, memberId: string, things: readonly Thing[]) {
  const idsOf = (wanted: ResourceKind) => things.filter(({ kind }) => kind === wanted).map(({ id }) => id)
  const member = tables
    .$extendTables<Pick<AuthTables, 'user'>>()
    .selectFrom('user')
    .select((eb) => [eb.val<string>('member').as('about'), 'id', 'role as says'])
    .where('id', '=', memberId)
  const grants = tables
    .selectFrom('resourceGrants')
    .select((eb) => [eb.val<string>('grant').as('about'), 'resourceId as id', 'role as says'])
    .where(
      'resourceId',
      'in',
      things.map(({ id }) => id),
    )
    .where('subjectId', 'in', [memberId, everyone])
  return resourceKinds
    .filter((kind) => idsOf(kind).length > 0)
    .map((kind) => ownersOf(tables, kind, idsOf(kind)))
    .reduce((all, owners) => all.unionAll(owners), member.unionAll(grants))
}
