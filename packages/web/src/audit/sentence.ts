import type { AuditEntry } from '@latchwork/contract'

/** What was done, before the thing that it was done to. */
export const acts: Readonly<Record<string, string>> = {
  'session.sign_in': 'signed in',
  'session.sign_out': 'signed out',
  'session.setup': 'set Latchwork up',
  'session.reset_password': 'chose a new password by a link',
  'sign_in.end': 'signed one of their browsers or terminals out',
  'sign_in.end_others': 'signed all their other browsers and terminals out',
  'passkey.begin': 'began to add a passkey',
  'passkey.add': 'added the passkey',
  'passkey.rename': 'renamed the passkey',
  'passkey.remove': 'removed a passkey',
  'token.create': 'made the API token',
  'token.delete': 'revoked the API token',
  'credential.create': 'saved the credential',
  'credential.update': 'changed the credential',
  'credential.delete': 'deleted the credential',
  'credential.check': 'checked the credential',
  'credential.authorize': 'began to authorize the credential',
  'credential.ask': 'asked from a terminal to authorize the credential',
  'credential.authorized': 'authorized the credential',
  'credential.secrets': 'replaced a secret of the credential',
  'credential.method': 'switched the method of the credential',
  'credential.undo': 'undid the last switch of the credential',
  'credential.refresh': 'refreshed the tokens of the credential',
  'credential.use': 'used the credential',
  'credential.verify': 'checked values that are not saved',
  'credential.pause': 'paused the credentials of an OAuth app',
  'credential.erase': 'erased deleted credentials for good',
  'credential.previous.erase': 'erased the replaced secret of the credential',
  'credential.expire': 'cleared away the draft',
  'credential.share': 'changed who may use the credential',
  'credential.transfer': 'handed over the credential',
  'credential.restore': 'restored the credential',
  'credential.previous.check': 'checked the replaced secret of the credential',
  'credential.move_usage': 'moved everything away from the credential',
  'source.create': 'made the data source',
  'source.update': 'changed the data source',
  'source.delete': 'deleted the data source',
  'source.sample': 'looked at records of a data source',
  'source.options': 'looked at the choices of a data source',
  'source.streams': 'looked at the streams of the data source',
  'source.share': 'changed who may use the data source',
  'source.transfer': 'handed over the data source',
  'destination.create': 'made the data destination',
  'destination.update': 'changed the data destination',
  'destination.delete': 'deleted the data destination',
  'destination.preview': 'looked at what a data destination would do',
  'destination.share': 'changed who may use the data destination',
  'destination.transfer': 'handed over the data destination',
  'flow.create': 'made the flow',
  'flow.update': 'changed the flow',
  'flow.duplicate': 'made a copy, the flow',
  'flow.columns.name': 'took the new names of columns of the flow',
  'flow.columns.choose': 'decided about a changed column of the flow',
  'flow.delete': 'deleted the flow',
  'flow.run': 'started the flow',
  'flow.reset': 'let streams be read whole again by the flow',
  'flow.backfill': 'read some days again with the flow',
  'flow.pause': 'paused the flow',
  'flow.share': 'changed who may use the flow',
  'flow.transfer': 'handed over the flow',
  'run.start': 'began a run of',
  'run.finish': 'ended a run of',
  'run.cancel': 'cancelled a run of',
  'run.records': 'read records of a run of',
  'run.quarantine': 'read refused records of a run of',
  'run.quarantine.decide': 'said whether a record in doubt is there, for a run of',
  'run.quarantine.edit': 'put a refused record right in a run of',
  'run.quarantine.drop': 'dropped refused records of a run of',
  'run.replay': 'replayed refused records of a run of',
  'run.delete': 'deleted a run of',
  'run.erase': 'erased runs that were old',
  'pass.create': 'made the pass',
  'pass.update': 'changed the pass',
  'pass.rotate': 'gave a new token to the pass',
  'pass.revoke': 'revoked the pass',
  'pass.delete': 'deleted the pass',
  'pass.share': 'changed who may use the pass',
  'pass.transfer': 'handed over the pass',
  'pass.first_use': 'saw the first use of the pass',
  'gateway.seal': 'sealed the calls of an hour through the gateway',
  'pass.confirm': 'confirmed a write of the pass',
  'pass.refuse': 'refused a write of the pass',
  'pass.write_waits': 'held a write for a person, of the pass',
  'pass.smart_views': 'looked at the smart views that a pass can be limited to',
  'pass.fields': 'looked at the fields that a pass can be limited to',
  'pass.denied': 'refused a call of the pass',
  'file.download': 'downloaded the file',
  'file.upload': 'stored the file',
  'file.delete': 'deleted the file',
  'file.share': 'changed who may use the file',
  'file.transfer': 'handed over the file',
  'member.join': 'joined as the member',
  'member.rename': 'changed their own name to',
  'member.password': 'changed their own password',
  'member.reset_link': 'made a link for a new password of',
  'member.role': 'changed the role of',
  'member.remove': 'removed the member',
  'invitation.create': 'invited',
  'invitation.delete': 'revoked the invitation of',
  'device.decide': 'answered a terminal that wanted to be signed in',
  'alert.read': 'read the alerts',
  'alert.test': 'sent a test alert',
  'alert.preferences': 'chose which alerts to get',
  'key.add': 'added a master key',
  'key.rotate': 'began to rotate the master key',
  'key.retire': 'retired a master key',
  'key.rotated': 'finished the rotation of the master key',
  'backup.create': 'made a backup',
  'backup.restore': 'restored a backup',
  'audit.begin': 'began the audit log',
  'audit.keyed': 'bound the audit log to its key',
  'audit.accept': 'accepted the audit log as it was found',
  'audit.remove': 'removed the oldest entries of the audit log',
  'audit.foreign': 'left out entries that no server wrote',
  'audit.verify': 'verified the audit log',
  'audit.export': 'exported the audit log',
}

/** `key.rotate` → `key rotate`, for an action of a newer server. */
function actOf(action: string): string {
  return acts[action] ?? action.replaceAll(/[._]/g, ' ')
}

/** A person by name and address: anybody can choose any name. */
export function whoOf({ name, email }: AuditEntry['actor']): string {
  return email === null ? name : `${name} (${email})`
}

/** An entry as a sentence. */
export function sentenceOf({ actor, action, object, result, after }: AuditEntry): string {
  const name = object === null || object.name === '' ? '' : ` “${object.name}”`
  const via = actor.kind === 'token' ? ' by API token' : ''
  const purpose = action === 'credential.use' ? purposeOf(after) : ''
  const did = `${whoOf(actor)}${via} ${actOf(action)}${name}${purpose}`
  if (result === 'ok') return `${did}.`
  return result === 'refused' ? `Refused: ${did}.` : `Failed: ${did}.`
}

/** What a credential was used for, as the entry tells it. */
function purposeOf(after: AuditEntry['after']): string {
  const direction = after?.['direction'] === 'write' ? ' to write' : ' to read'
  const flow = after?.['flowName']
  const count = after?.['count']
  const times = typeof count === 'number' && count > 1 ? `, ${count} times` : ''
  if (typeof flow === 'string') return `${direction} in a run of “${flow}”${times}`
  return after?.['for'] === 'preview' ? `${direction} for a preview` : `${direction} for a sample`
}

/** The kinds of things that the log can be narrowed to. */
export const kinds = [
  { value: 'credential.', label: 'Credentials' },
  { value: 'source.', label: 'Sources' },
  { value: 'destination.', label: 'Destinations' },
  { value: 'pass.', label: 'Passes' },
  { value: 'gateway.', label: 'Gateway' },
  { value: 'flow.', label: 'Flows' },
  { value: 'run.', label: 'Runs' },
  { value: 'session.', label: 'Sign-in' },
  { value: 'sign_in.', label: 'Signed-in places' },
  { value: 'passkey.', label: 'Passkeys' },
  { value: 'token.', label: 'API tokens' },
  { value: 'member.', label: 'Members' },
  { value: 'invitation.', label: 'Invitations' },
  { value: 'file.', label: 'Files' },
  { value: 'device.', label: 'Terminals' },
  { value: 'alert.', label: 'Alerts' },
  { value: 'key.', label: 'Master keys' },
  { value: 'audit.', label: 'Audit log' },
] as const
