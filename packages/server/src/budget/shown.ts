import { limitsRememberedMs } from '@latchwork/close'
import {
  type BudgetConsumer,
  type BudgetGroup,
  type BudgetLimit,
  type BudgetQuery,
  budgetSpans,
  type CredentialBudget,
  idSchema,
  mostBudgetConsumers,
  type User,
} from '@latchwork/contract'
import { toTime } from '../database/columns.ts'
import type { AccessRules } from '../identity/rules.ts'
import { type BudgetPlace, minuteMs, type UseStore } from './use-store.ts'

export interface ShownParts {
  readonly uses: Pick<UseStore, 'groups' | 'uses' | 'names'>
  readonly rules: Pick<AccessRules, 'seen'>
  now(): Promise<Date>
}

type Use = Awaited<ReturnType<UseStore['uses']>>[number]
type Group = Awaited<ReturnType<UseStore['groups']>>[number]
type Counts = Pick<BudgetConsumer, 'requests' | 'waited' | 'putOff'>
type Who = Pick<BudgetConsumer, 'kind' | 'id' | 'name'>

const passId = idSchema('pass')
const ofFlow = 'flow:'
const others: Who = { kind: 'others', id: null, name: null }

/** Who used the budget of a key. Flows and passes that the person may not see are named `others`. */
export async function shownBudget(
  parts: ShownParts,
  place: BudgetPlace,
  { by, group }: BudgetQuery,
  user: User,
): Promise<CredentialBudget> {
  const { seconds, count } = budgetSpans[by]
  const spanMs = seconds * 1_000
  const nowMs = (await parts.now()).getTime()
  const sinceMs = nowMs - (nowMs % spanMs) - (count - 1) * spanMs
  const span = { ...place, spanMs, sinceMs }
  const [groups, recent, uses] = await Promise.all([
    parts.uses.groups(span),
    parts.uses.groups({ ...place, spanMs: minuteMs, sinceMs: nowMs - limitsRememberedMs }),
    parts.uses.uses(span, group),
  ])
  const whoOf = await namesOf(parts, uses, user)
  const ranked = rank(uses, whoOf)
  const placeOf = (use: Use) => {
    const at = ranked.findIndex(({ who }) => isSame(who, whoOf(use)))
    return at === -1 ? ranked.length - 1 : at
  }
  const bySpan = Map.groupBy(uses, ({ at }) => at)
  return {
    by,
    consumers: ranked.map(({ who, ...counts }) => ({ ...who, ...counts })),
    groups: groups.map((each) => toGroup(each, recent)),
    spans: Array.from({ length: count }, (_, index) => {
      const within = bySpan.get(sinceMs + index * spanMs) ?? []
      const byConsumer = ranked.map(() => 0)
      for (const use of within) byConsumer[placeOf(use)] = (byConsumer[placeOf(use)] ?? 0) + use.requests
      return { at: toTime(sinceMs + index * spanMs), ...sumOf(within), byConsumer }
    }),
  }
}

async function namesOf(
  { uses: store, rules }: ShownParts,
  uses: readonly Use[],
  user: User,
): Promise<(use: Use) => Who> {
  const consumers = [...new Set(uses.map(({ consumer }) => consumer))]
  const flowIds = consumers.filter((each) => each.startsWith(ofFlow)).map((each) => each.slice(ofFlow.length))
  const passIds = consumers.filter((each) => passId.safeParse(each).success)
  const things = [
    ...flowIds.map((id) => ({ kind: 'flow', id }) as const),
    ...passIds.map((id) => ({ kind: 'pass', id }) as const),
  ]
  const [seen, names] = await Promise.all([rules.seen(user, things), store.names(flowIds, passIds)])
  return ({ consumer }) => {
    if (consumer === 'checks' || consumer === 'page') return { kind: consumer, id: null, name: null }
    const kind = consumer.startsWith(ofFlow) ? 'flow' : 'pass'
    const id = kind === 'flow' ? consumer.slice(ofFlow.length) : consumer
    const name = names.get(id)
    return name === undefined || !seen.has(id) ? others : { kind, id, name }
  }
}

/** Who used most first; those that are not named one by one last. */
function rank(uses: readonly Use[], whoOf: (use: Use) => Who): (Counts & { readonly who: Who })[] {
  const grouped = Map.groupBy(uses, (use) => JSON.stringify(whoOf(use)))
  const named = [...grouped.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ who: whoOf(first), ...sumOf(group) }]
  })
  const single = named.filter(({ who }) => who.kind !== 'others').sort((a, b) => b.requests - a.requests)
  const rest = [...named.filter(({ who }) => who.kind === 'others'), ...single.slice(mostBudgetConsumers)]
  return [
    ...single.slice(0, mostBudgetConsumers),
    ...(rest.length === 0 ? [] : [{ who: others, ...sumOf(rest) }]),
  ]
}

function isSame(one: Who, other: Who): boolean {
  return one.kind === other.kind && one.id === other.id
}

function sumOf(counts: readonly Counts[]): Counts {
  const sum = (of: keyof Counts) => counts.reduce((total, each) => total + each[of], 0)
  return { requests: sum('requests'), waited: sum('waited'), putOff: sum('putOff') }
}

/**
 * Close names the limit that is closer to its end. That of the organization is the larger one. A limit that changed is
 * known by what was named lately, as the budget itself forgets it.
 */
function toGroup({ least, most, windowMs, ...counted }: Group, recent: readonly Group[]): BudgetGroup {
  const lately = recent.find(({ group, least: named }) => group === counted.group && named > 0)
  const named = lately ?? { least, most }
  // What is left of a window is never more than all of it, and windows are whole seconds.
  const windowSeconds = Math.ceil(Math.max(windowMs, lately?.windowMs ?? 0) / 1_000)
  const limitOf = (requests: number): BudgetLimit | null =>
    requests === 0 || windowSeconds === 0 ? null : { requests, windowSeconds }
  return {
    ...counted,
    limit: limitOf(named.least),
    organizationLimit: named.most > named.least ? limitOf(named.most) : null,
  }
}
