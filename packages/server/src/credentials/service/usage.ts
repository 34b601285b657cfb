import type { Usage, User } from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import { memberOf } from '../../identity/rules.ts'
import type { CredentialParts } from '../records/records.ts'

type Hidden = Usage['hidden'][number]

/**
 * Lists what uses a credential: names what the person may see, and counts the rest. The owner and administrators of the
 * credential also learn whose the rest is.
 */
export async function usageOf(
  { stores, rules, authentication }: Pick<CredentialParts, 'stores' | 'rules' | 'authentication'>,
  id: string,
  user: User,
): Promise<Usage> {
  const [usage, role] = await Promise.all([
    stores.usage.of(id),
    rules.roleOf(memberOf(user), { kind: 'credential', id }),
  ])
  const seen = await rules.seen(user, usage)
  const rest = usage.filter((each) => !seen.has(each.id))
  const reported = role === 'owner' || role === 'admin'
  const owners = reported
    ? await authentication.users(rest.map(({ ownerId }) => ownerId))
    : new Map<string, User>()
  const groups = Map.groupBy(rest, ({ kind, ownerId }) => `${kind} ${reported ? ownerId : ''}`)
  const hidden = [...groups.values()].flatMap((group): Hidden[] => {
    const [first] = group
    if (first === undefined) return []
    const lastUsedMs = Math.max(...group.map((each) => each.lastUsedAt ?? 0))
    return [
      {
        kind: first.kind,
        owner: reported ? { id: first.ownerId, name: owners.get(first.ownerId)?.name ?? '' } : null,
        count: group.length,
        lastUsedAt: lastUsedMs === 0 ? null : toTime(lastUsedMs),
      },
    ]
  })
  const items = usage
    .filter((each) => seen.has(each.id))
    .map(({ kind, id, name, lastUsedAt }) => ({ kind, id, name, lastUsedAt: toTimeOrNull(lastUsedAt) }))
  return { items, hidden }
}
