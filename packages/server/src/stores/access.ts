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
    async roleOf(kind, id, memberId) {
      const owner = await ownerOf(tables, kind, id)
      if (owner === null) return null
      if (owner === memberId) return 'owner'
      const grants = await tables
        .selectFrom('resourceGrants')
        .select('role')
        .where('resourceId', '=', id)
        .where('memberId', 'in', [memberId, everyone])
        .where('resourceKind', '=', kind)
        .execute()
      const granted = grants.map(({ role }) => role)
      return resourceRoles.findLast((role) => granted.includes(role)) ?? null
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

/** Whose it is; null if there is none, or it was deleted. */
async function ownerOf(tables: Database['tables'], kind: ResourceKind, id: string): Promise<string | null> {
  if (kind === 'credential') {
    const row = await tables
      .selectFrom('credentials')
      .select('ownerId')
      .where('id', '=', id)
      .executeTakeFirst()
    return row?.ownerId ?? null
  }
  if (kind === 'flow') {
    const row = await tables.selectFrom('flows').select('ownerId').where('id', '=', id).executeTakeFirst()
    return row?.ownerId ?? null
  }
  const row = await tables
    .selectFrom('ends')
    .select('ownerId')
    .where('id', '=', id)
    .where('kind', '=', kind)
    .executeTakeFirst()
  return row?.ownerId ?? null
}
