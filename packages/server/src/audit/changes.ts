import type { AuditState } from '@latchwork/contract'

/** The state of a thing for the log: its name, and what the log may show. Never a secret, sealed or not. */
export interface ObjectState {
  readonly name: string
  readonly state: AuditState
}

/** The changed fields: all of a thing that was created or deleted, otherwise those that differ. */
export function changes(
  before: AuditState | null,
  after: AuditState | null,
): { before: AuditState | null; after: AuditState | null } {
  if (before === null || after === null) return { before, after }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  if (changed.length === 0) return { before: null, after: null }
  const only = (state: AuditState) => Object.fromEntries(changed.map((name) => [name, state[name] ?? null]))
  return { before: only(before), after: only(after) }
}
