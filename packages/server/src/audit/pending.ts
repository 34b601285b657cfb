import { randomUUID } from 'node:crypto'
import { auditEntrySchema } from '@latchwork/contract'
import type { ChainKey } from './chain.ts'
import { type AuditAct, type AuditTail, type PendingAct, retainedAct } from './row.ts'

const actSchema = auditEntrySchema.omit({ sequence: true, at: true, hash: true })

/** A pending act with a MAC, so that only a server can add one. */
export function newPending(key: ChainKey, act: AuditAct): PendingAct {
  const id = randomUUID()
  const text = JSON.stringify({ ...act, after: { ...act.after, doneAt: new Date().toISOString() } })
  return { id, act: text, mac: key.pendingMac(id, text) }
}

/** The pending acts that servers stored. One more act reports the rows that no server stored. */
export function pendingActs(key: ChainKey, { pending }: AuditTail): AuditAct[] {
  const ours = pending.filter(({ id, act, mac }) => key.isPending(id, act, mac))
  const acts = ours.map(({ act }) => retainedAct(actSchema.parse(JSON.parse(act))))
  const foreign = pending.length - ours.length
  return foreign === 0 ? acts : [...acts, foreignAct(foreign)]
}

function foreignAct(count: number): AuditAct {
  return {
    actor: { kind: 'system', id: null, name: 'Latchwork', email: null },
    action: 'audit.foreign',
    object: null,
    result: 'refused',
    reason: null,
    before: null,
    after: { count },
    address: null,
    agent: null,
    requestId: null,
  }
}
