import {
  type Grant,
  LatchworkError,
  type ResourceKind,
  type ResourceRole,
  resourceRoles,
} from '@latchwork/contract'
import type { RawBuilder } from 'kysely'
import type { AccessStore } from './access-interface.ts'
import type { Database } from './database.ts'
import { everyone } from './viewing.ts'
import { violation } from './violations.ts'

type Tables = Database['tables']

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
      await tables.transaction().execute(async (transaction) => {
        await lockedOwner(transaction, kind, id, sql.forShare)
        if (role === null) await withdraw(transaction, id, member)
        else await give(transaction, { kind, id, member, role, by })
      })
    },

    async transfer(kind, id, to, by) {
      await tables.transaction().execute(async (transaction) => {
        const owner = await lockedOwner(transaction, kind, id, sql.forUpdate)
        if (owner === null || owner === to) return
        try {
          await transaction.updateTable(tableOf(kind)).set({ ownerId: to }).where('id', '=', id).execute()
        } catch (error) {
          if (violation(error) !== 'unique') throw error
          throw new LatchworkError('name_taken', {
            message: 'The new owner already has one with this name. Rename this one first.',
          })
        }
        await withdraw(transaction, id, to)
        await give(transaction, { kind, id, member: owner, role: 'admin', by })
      })
    },
  }

  async function give(transaction: Tables, { kind, id, member, role, by }: Given): Promise<void> {
    const columns = { role, grantedBy: by, grantedAt: sql.now }
    await transaction
      .insertInto('resourceGrants')
      .values({ resourceId: id, memberId: member, resourceKind: kind, ...columns })
      .onConflict((conflict) => conflict.columns(['resourceId', 'memberId']).doUpdateSet(columns))
      .execute()
  }
}

async function withdraw(transaction: Tables, id: string, member: string): Promise<void> {
  await transaction
    .deleteFrom('resourceGrants')
    .where('resourceId', '=', id)
    .where('memberId', '=', member)
    .execute()
}

interface Given {
  readonly kind: ResourceKind
  readonly id: string
  readonly member: string
  readonly role: ResourceRole
  readonly by: string
}

/**
 * Whose it is. Grants and the handing over of a thing both begin with its row, so that neither waits for the other in a
 * circle, nor goes by an owner of a moment ago.
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
