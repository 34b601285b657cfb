import { type Pass, type PassHour, passWords } from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { statusOf } from './store/pass-status.ts'
import type { PassView } from './store/passes.ts'

/** So many hours with calls a list shows. */
const shownHours = 24

/** @param seesCredential whether the person may see the credential: then it is named */
export function passView(
  row: PassView,
  {
    nowMs,
    seesCredential,
    hours,
  }: { readonly nowMs: number; readonly seesCredential: boolean; readonly hours: readonly PassHour[] },
): Omit<Pass, 'yourRole'> {
  const { id, name, description, ownerId, ownerName, credentialId, rules, limits, suffix } = row
  const status = statusOf(row, nowMs)
  return {
    id,
    name,
    purpose: description,
    owner: { id: ownerId, name: ownerName },
    credential: {
      id: credentialId,
      name: seesCredential ? row.credentialName : null,
      organization: seesCredential ? (row.credentialIdentity?.organizationName ?? null) : null,
    },
    // The schema's type says that its lists may be changed.
    rules: structuredClone(rules) as Pass['rules'],
    ...passWords(rules, row.confirmWrites),
    status,
    reason: status === 'paused' ? pausedBecause(row, seesCredential) : null,
    expiresAt: toTimeOrNull(row.expiresAt),
    neverBecause: row.neverBecause,
    perSecond: limits.perSecond,
    perDay: limits.perDay,
    addresses: [...limits.addresses],
    confirmWrites: row.confirmWrites,
    waitingWrites: row.waitingWrites,
    suffix,
    oldTokenUntil:
      row.oldTokenUntil === null || row.oldTokenUntil <= nowMs ? null : toTime(row.oldTokenUntil),
    createdAt: toTime(row.createdAt),
    updatedAt: toTime(row.updatedAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
    hours: hours.slice(-shownHours),
  }
}

function pausedBecause(row: PassView, seesCredential: boolean): string {
  if (row.credentialStatus === null) return 'Its credential was deleted.'
  const why = seesCredential && row.credentialReason !== null ? ` ${row.credentialReason}` : ''
  return `Its credential needs attention.${why}`
}
