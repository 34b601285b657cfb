import { type AuditFault, newId } from '@latchwork/contract'
import type { AlertStore, NewAlert } from '../alerts/store.ts'

const condition = 'audit_damaged'

/** Alerts the administrators once, and again only after the log was accepted. */
export async function tellOfDamage(alerts: Pick<AlertStore, 'raise'>, fault: AuditFault): Promise<void> {
  await alerts.raise(
    condition,
    alertOf(
      'audit_damaged',
      'The audit log was changed by somebody else',
      `${fault.message} Until an administrator accepts it, requests that need an entry may be refused, and old entries stay. On the server, run "audit verify", find out who had access to the database, and then run "audit accept".`,
    ),
  )
}

/** Alerts the administrators that the log was accepted and takes entries again. */
export async function tellOfAcceptance(alerts: Pick<AlertStore, 'clear'>): Promise<void> {
  const message =
    'It was accepted as it was found and takes entries again. The entry of the acceptance says what was wrong.'
  await alerts.clear(condition, alertOf('recovered', 'The audit log was accepted', message))
}

/** An alert without a credential or an owner: the administrators get it. */
function alertOf(kind: NewAlert['kind'], title: string, message: string): NewAlert {
  return { id: newId('alert'), kind, credentialId: null, ownerId: '', code: null, title, message }
}
