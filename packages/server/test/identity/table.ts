import type { Client, Endpoints } from '@latchwork/contract'
import type { UsedThing } from '../../src/flows/store/pauses.ts'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { join } from './joining.ts'

export interface Person {
  readonly id: string
  readonly browser: Browser
  readonly client: Client
}

/** Each may all that the ones before may. */
export const columns = [
  'nobody',
  'stranger',
  'collaborator',
  'operator',
  'admin',
  'owner',
  'workspace admin',
] as const
export type Column = (typeof columns)[number]

type EndpointName = {
  [G in keyof Endpoints]: `${G}.${keyof Endpoints[G] & string}`
}[keyof Endpoints]

/** Who may call at least. An endpoint that is missing here does not compile. */
export const leastToCall = {
  'address.get': 'nobody',
  'profile.rename': 'stranger',
  'profile.password': 'stranger',
  'signIns.list': 'stranger',
  'signIns.end': 'stranger',
  'signIns.endOthers': 'stranger',
  'passkeys.list': 'stranger',
  'passkeys.begin': 'stranger',
  'passkeys.add': 'stranger',
  'passkeys.rename': 'stranger',
  'passkeys.remove': 'stranger',
  'passkeySignIn.begin': 'nobody',
  'passkeySignIn.finish': 'nobody',
  'passwordResets.create': 'workspace admin',
  'passwordResets.look': 'nobody',
  'passwordResets.accept': 'nobody',
  'session.get': 'nobody',
  'session.signIn': 'nobody',
  'session.signOut': 'stranger',
  'session.setup': 'nobody',
  'tokens.list': 'stranger',
  'tokens.create': 'stranger',
  'tokens.delete': 'stranger',
  'settings.get': 'stranger',
  'connectors.list': 'stranger',
  'credentials.list': 'stranger',
  'credentials.create': 'stranger',
  'credentials.verify': 'stranger',
  'credentials.get': 'collaborator',
  'credentials.usage': 'collaborator',
  'credentials.check': 'operator',
  'credentials.update': 'admin',
  'credentials.save': 'admin',
  'credentials.authorize': 'admin',
  'credentials.authorization': 'admin',
  'credentials.askAuthorization': 'admin',
  'credentials.secrets': 'admin',
  'credentials.method': 'admin',
  'credentials.undo': 'admin',
  'credentials.previous': 'collaborator',
  'credentials.checkPrevious': 'operator',
  'credentials.delete': 'owner',
  'sources.list': 'stranger',
  'sources.create': 'stranger',
  'sources.sample': 'stranger',
  'sources.offered': 'stranger',
  'sources.offeredOptions': 'stranger',
  'sources.options': 'collaborator',
  'sources.streams': 'collaborator',
  'sources.get': 'collaborator',
  'sources.update': 'admin',
  'sources.delete': 'owner',
  'destinations.list': 'stranger',
  'destinations.create': 'stranger',
  'destinations.preview': 'stranger',
  'destinations.get': 'collaborator',
  'destinations.update': 'admin',
  'destinations.delete': 'owner',
  'flows.list': 'stranger',
  'flows.create': 'stranger',
  'flows.get': 'collaborator',
  'flows.history': 'collaborator',
  'flows.run': 'operator',
  'flows.streams': 'collaborator',
  'flows.reset': 'operator',
  'flows.backfill': 'operator',
  'flows.update': 'admin',
  'flows.columns': 'collaborator',
  'flows.takeNames': 'admin',
  'flows.chooseColumn': 'admin',
  'flows.delete': 'owner',
  'flows.duplicate': 'collaborator',
  'flows.overlaps': 'collaborator',
  'flows.lacking': 'collaborator',
  'flows.draftOverlaps': 'stranger',
  'runs.list': 'stranger',
  'runs.get': 'collaborator',
  'runs.log': 'collaborator',
  'runs.cancel': 'operator',
  'runs.records': 'operator',
  'runs.quarantine': 'operator',
  'runs.getQuarantined': 'operator',
  'runs.quarantineGroups': 'operator',
  'runs.findDoubtful': 'operator',
  'runs.decideDoubtful': 'operator',
  'runs.editQuarantined': 'operator',
  'runs.replay': 'operator',
  'runs.dropQuarantined': 'operator',
  'runs.delete': 'admin',
  'files.list': 'stranger',
  'files.delete': 'owner',
  'passes.list': 'stranger',
  'passes.create': 'stranger',
  'passes.preview': 'stranger',
  'passes.verify': 'workspace admin',
  'passes.get': 'collaborator',
  'passes.calls': 'collaborator',
  'passes.counts': 'collaborator',
  'passes.revoke': 'operator',
  'passes.update': 'admin',
  'passes.rotate': 'admin',
  'passes.delete': 'owner',
  'health.list': 'stranger',
  'alerts.list': 'stranger',
  'alerts.read': 'stranger',
  'alerts.preferences': 'stranger',
  'alerts.setPreferences': 'stranger',
  'alerts.test': 'workspace admin',
  'audit.list': 'workspace admin',
  'audit.verify': 'workspace admin',
  'keys.list': 'workspace admin',
  'keys.add': 'workspace admin',
  'keys.rotate': 'workspace admin',
  'keys.retire': 'workspace admin',
  'devices.begin': 'nobody',
  'devices.poll': 'nobody',
  'devices.lookUp': 'stranger',
  'devices.decide': 'stranger',
  'members.list': 'stranger',
  'members.update': 'workspace admin',
  'members.remove': 'workspace admin',
  'invitations.list': 'workspace admin',
  'invitations.create': 'workspace admin',
  'invitations.delete': 'workspace admin',
  'invitations.look': 'nobody',
  'invitations.accept': 'nobody',
  'deletedCredentials.list': 'stranger',
  'deletedCredentials.restore': 'owner',
  'deletedCredentials.moveUsage': 'admin',
  'credentialAccess.get': 'collaborator',
  'credentialAccess.set': 'admin',
  'credentialAccess.transfer': 'owner',
  'sourceAccess.get': 'collaborator',
  'sourceAccess.set': 'admin',
  'sourceAccess.transfer': 'owner',
  'destinationAccess.get': 'collaborator',
  'destinationAccess.set': 'admin',
  'destinationAccess.transfer': 'owner',
  'flowAccess.get': 'collaborator',
  'flowAccess.set': 'admin',
  'flowAccess.transfer': 'owner',
  'fileAccess.get': 'collaborator',
  'fileAccess.set': 'admin',
  'fileAccess.transfer': 'owner',
  'passAccess.get': 'collaborator',
  'passAccess.set': 'admin',
  'passAccess.transfer': 'owner',
} as const satisfies Record<EndpointName, Column>

/**
 * Who may use at least: what the owner of a flow must be to each part of it. A part that is missing here does not compile.
 */
export const leastToUse = {
  source: 'collaborator',
  'source credential': 'collaborator',
  'source file': 'collaborator',
  destination: 'collaborator',
  'destination credential': 'collaborator',
  'destination file': 'admin',
} as const satisfies Record<UsedThing['part'], Column>

/** Somebody for each column but the first. */
export async function peopleOf(server: Running): Promise<ReadonlyMap<Column, Person>> {
  const boss = await server.signedIn()
  const { user } = await boss.client.session.get()
  const people = new Map<Column, Person>([
    ['workspace admin', { id: user?.id ?? '', browser: boss, client: boss.client }],
  ])
  for (const column of columns.slice(1, -1)) people.set(column, await join(server, boss, column))
  return people
}
