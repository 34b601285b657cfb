import {
  type Grant,
  LatchworkError,
  type ResourceKind,
  type ResourceRole,
  resourceRoles,
} from '@latchwork/contract'
import type { AccessStore } from './access-interface.ts'
import type { Database } from './database.ts'
import { everyone } from './viewing.ts'
import { violation } from './violations.ts'

export function openAccessStore({ sql, tables, auth }: Database): AccessStore {
  return {
    async rolesOf(kind, ids, memberId) {
      const owners = await ownersOf(tables, kind, ids)
      const roles = new Map<string, ResourceRole>()
      if (owners.size === 0) return roles
      const grants = await tables
        .selectFrom('resourceGrants')
        .select(['resourceId', 'role'])
        .where('resourceId', 'in', [...owners.keys()])
        .where('memberId', 'in', [memberId, everyone])
        .where('resourceKind', '=', kind)
        .execute()
      for (const [id, owner] of owners) {
        const granted = grants.filter(({ resourceId }) => resourceId === id).map(({ role }) => role)
        const role =
          owner === memberId ? 'owner' : resourceRoles.findLast((candidate) => granted.includes(candidate))
        if (role !== undefined) roles.set(id, role)
      }
      return roles
    },

    async flowOfRun(runId) {
      const run = await tables.selectFrom('runs').select('flowId').where('id', '=', runId).executeTakeFirst()
      return run?.flowId ?? null
    },

    async grants(kind, id) {
      const owner = await ownerOf(tables, kind, id)
      const rows = await tables
        .selectFrom('resourceGrants')
        .select(['memberId', 'role'])
        .where('resourceId', '=', id)
        .where('resourceKind', '=', kind)
        .execute()
      const ids = [...(owner === null ? [] : [owner]), ...rows.map((row) => row.memberId)]
      if (ids.length === 0) return []
      const users = await auth.selectFrom('user').select(['id', 'name']).where('id', 'in', ids).execute()
      const names = new Map(users.map((user) => [user.id, user.name]))
      const shown = (memberId: string, role: ResourceRole): Grant => ({
        member: memberId === everyone ? null : { id: memberId, name: names.get(memberId) ?? '' },
        role,
      })
      const granted = rows
        .map((row) => shown(row.memberId, resourceRoles.find((role) => role === row.role) ?? 'collaborator'))
        .sort((a, b) => (a.member?.name ?? '').localeCompare(b.member?.name ?? ''))
      return owner === null ? granted : [shown(owner, 'owner'), ...granted]
    },

    async grant(kind, id, { memberId, role, by }) {
      const member = memberId ?? everyone
      if (role === null) {
        await tables
          .deleteFrom('resourceGrants')
          .where('resourceId', '=', id)
          .where('memberId', '=', member)
          .execute()
        return
      }
      const columns = { role, grantedBy: by, grantedAt: sql.now }
      await tables
        .insertInto('resourceGrants')
        .values({ resourceId: id, memberId: member, resourceKind: kind, ...columns })
        .onConflict((conflict) => conflict.columns(['resourceId', 'memberId']).doUpdateSet(columns))
        .execute()
    },

    async transfer(kind, id, to, by) {
      await tables.transaction().execute(async (transaction) => {
        const owner = await ownerOf(transaction, kind, id)
        if (owner === null || owner === to) return
        try {
          await transaction.updateTable(tableOf(kind)).set({ ownerId: to }).where('id', '=', id).execute()
        } catch (error) {
          if (violation(error) !== 'unique') throw error
          throw new LatchworkError('name_taken', {
            message: 'The new owner already has one with this name. Rename this one first.',
          })
        }
        const columns = { role: 'admin', grantedBy: by, grantedAt: sql.now }
        await transaction
          .deleteFrom('resourceGrants')
          .where('resourceId', '=', id)
          .where('memberId', '=', to)
          .execute()
        await transaction
          .insertInto('resourceGrants')
          .values({ resourceId: id, memberId: owner, resourceKind: kind, ...columns })
          .onConflict((conflict) => conflict.columns(['resourceId', 'memberId']).doUpdateSet(columns))
          .execute()
      })
    },
  }
}

function tableOf(kind: ResourceKind): 'credentials' | 'ends' | 'flows' {
  if (kind === 'credential') return 'credentials'
  return kind === 'flow' ? 'flows' : 'ends'
}

/** Whose it is; null if there is none. */
async function ownerOf(tables: Database['tables'], kind: ResourceKind, id: string): Promise<string | null> {
  return (await ownersOf(tables, kind, [id])).get(id) ?? null
}

/** Whose each is, by id. A deleted credential is still its owner's, to be restored. */
async function ownersOf(
  tables: Database['tables'],
  kind: ResourceKind,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const rows =
    kind === 'credential'
      ? await tables.selectFrom('credentials').select(['id', 'ownerId']).where('id', 'in', ids).execute()
      : kind === 'flow'
        ? await tables.selectFrom('flows').select(['id', 'ownerId']).where('id', 'in', ids).execute()
        : await tables
            .selectFrom('ends')
            .select(['id', 'ownerId'])
            .where('id', 'in', ids)
            .where('kind', '=', kind)
            .execute()
  return new Map(rows.map(({ id, ownerId }) => [id, ownerId]))
}
