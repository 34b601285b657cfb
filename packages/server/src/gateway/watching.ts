import { newId } from '@latchwork/contract'
import type { AlertStore } from '../alerts/store.ts'
import type { CallStore } from './store/calls.ts'
import { dayMs, hourMs } from './store/calls.ts'
import type { PassRow, PassStore } from './store/passes.ts'

export interface PassWatchParts {
  readonly passes: Pick<PassStore, 'ending' | 'find'>
  readonly calls: Pick<CallStore, 'deniedSince' | 'hours'>
  readonly alerts: Pick<AlertStore, 'raise'>
  now(): Promise<Date>
}

/** Denials within an hour are told from this number on, if they are so many times as many as usual. */
const fewestDenials = 20
const timesUsual = 5

/** Alerts the owner before a pass expires, and when its denials rise; each once. */
export async function watchPasses(parts: PassWatchParts): Promise<void> {
  const nowMs = (await parts.now()).getTime()
  await tellOfEnds(parts)
  await tellOfDenials(parts, nowMs)
}

async function tellOfEnds({ passes, alerts }: PassWatchParts): Promise<void> {
  for (const pass of await passes.ending()) {
    const { id, expiresAt } = pass
    if (expiresAt === null) continue
    const day = new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')
    await alerts.raise(`pass expires:${id}:${expiresAt}`, {
      ...about(pass, 'pass_expiring'),
      title: `The pass ${pass.name} expires soon`,
      message: `It ends at ${day} UTC. From then on its users are refused. Give it a later end, or make a new one.`,
    })
  }
}

async function tellOfDenials({ passes, calls, alerts }: PassWatchParts, nowMs: number): Promise<void> {
  const hour = nowMs - (nowMs % hourMs)
  for (const { passId, denied } of await calls.deniedSince(hour, fewestDenials)) {
    const before = (await calls.hours([passId], hour - dayMs)).get(passId) ?? []
    const earlier = before.filter(({ at }) => Date.parse(at) < hour)
    const usual = earlier.reduce((sum, each) => sum + each.denied, 0) / 24
    if (denied < timesUsual * usual) continue
    const pass = await passes.find(passId)
    if (pass === null) continue
    // Once a day: who has looked at it knows.
    await alerts.raise(`pass denials:${passId}:${Math.floor(nowMs / dayMs)}`, {
      ...about(pass, 'pass_denials'),
      title: `The pass ${pass.name} is refused often`,
      message: `${denied} of its calls were refused within an hour. Its page says which and why: it may lack a right, or somebody tries what they may not.`,
    })
  }
}

function about({ id, ownerId }: PassRow, kind: 'pass_expiring' | 'pass_denials') {
  return { id: newId('alert'), kind, credentialId: null, passId: id, ownerId, code: null } as const
}
