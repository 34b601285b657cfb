import { type AuditFault, newId } from '@latchwork/contract'
import type { AlertStore, NewAlert } from '../alerts/store.ts'

const condition = 'audit_damaged'

/** Tells the administrators, once until somebody has accepted the log. */
export async function tellOfDamage(alerts: Pick<AlertStore, 'raise'>, fault: AuditFault): Promise<void> {
  await alerts.raise(
    condition,
    alertOf(
      'audit_damaged',
      'The audit log was changed by somebody else',
      `${fault.message} Until an administrator has looked at it, nothing is done that it would have to tell of: on the server, run "audit verify", find out who had the database in hand, and then run "audit accept".`,
    ),
  )
}

/** The same when the log was accepted: it takes entries again. */
export async function tellOfAcceptance(alerts: Pick<AlertStore, 'clear'>): Promise<void> {
  const message = 'It was accepted as it was found and takes entries again. The entry says what was wrong.'
  await alerts.clear(condition, alertOf('recovered', 'The audit log was accepted', message))
}

/** Of no credential and nobody's own: the administrators see it. */
function alertOf(kind: NewAlert['kind'], title: string, message: string): NewAlert {
  return { id: newId('alert'), kind, credentialId: null, ownerId: '', code: null, title, message }
}
