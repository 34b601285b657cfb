import { flowStreamSchema } from '@latchwork/contract'
import { expect } from 'vitest'
import { newEnd, newFlow } from '../database/samples.ts'
import { password } from '../identity/joining.ts'
import { admin } from '../running.ts'
import type { Makers } from './makers.ts'
import { passOperations } from './pass-operations.ts'
import { sideOperations } from './side-operations.ts'

const of = (id: string) => ({ params: { id } })

/** For each audited operation: prepares what it needs, and answers what makes the one request. */
export const operations: Readonly<Record<string, (makers: Makers) => Promise<() => Promise<unknown>>>> = {
  'session.sign_in':
    async ({ server }) =>
    () =>
      server.browser().client.session.signIn({ body: admin }),
  'session.sign_out': async ({ server }) => {
    const leaving = await server.signedIn()
    return () => leaving.client.session.signOut()
  },
  'token.create':
    async ({ person }) =>
    () =>
      person.client.tokens.create({ body: { name: 'nightly' } }),
  'token.delete': async ({ person }) => {
    const { token } = await person.client.tokens.create({ body: { name: 'nightly' } })
    return () => person.client.tokens.delete(of(token.id))
  },
  'credential.create': async ({ real }) => real,
  'credential.update': async ({ person, next, real }) => {
    const { id } = await real()
    return () => person.client.credentials.update({ ...of(id), body: { description: `now ${next()}` } })
  },
  'credential.delete': async ({ person, real }) => {
    const { id } = await real()
    return () => person.client.credentials.delete(of(id))
  },
  'credential.check': async ({ person, real }) => {
    const { id } = await real()
    return () => person.client.credentials.check(of(id))
  },
  'credential.authorize': async ({ person, draft }) => {
    const { id } = await draft()
    return () => person.client.credentials.authorize({ ...of(id), body: { returnTo: '/', display: 'page' } })
  },
  'credential.secrets': async ({ person, key, real }) => {
    const { id } = await real()
    return () => person.client.credentials.secrets({ ...of(id), body: { values: { apiKey: key } } })
  },
  'credential.undo': async ({ person, key, real }) => {
    const { id } = await real()
    await person.client.credentials.secrets({ ...of(id), body: { values: { apiKey: key } } })
    return () => person.client.credentials.undo(of(id))
  },
  'credential.share': async ({ person, other, real }) => {
    const { id } = await real()
    const body = { memberId: other.id, role: 'operator' } as const
    return () => person.client.credentialAccess.set({ ...of(id), body })
  },
  'credential.transfer': async ({ person, other, real }) => {
    const { id } = await real()
    return () => person.client.credentialAccess.transfer({ ...of(id), body: { to: other.id } })
  },
  'credential.restore': async ({ person, real }) => {
    const { id } = await real()
    await person.client.credentials.delete(of(id))
    return () => person.client.deletedCredentials.restore(of(id))
  },
  'credential.move_usage': async ({ stores, person, ownerId, real }) => {
    const [from, to] = [await real(), await real()]
    await stores.sides.insert(newEnd({ ownerId, connector: 'close', credentialId: from.id }))
    return () => person.client.deletedCredentials.moveUsage({ ...of(from.id), body: { to: to.id } })
  },
  ...sideOperations,
  ...passOperations,
  'flow.create': async ({ person, next, flow }) => {
    const { source, destination } = await flow()
    const body = { name: `Flow ${next()}`, sourceId: source.id, destinationId: destination.id }
    return () => person.client.flows.create({ body })
  },
  'flow.update': async ({ person, next, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flows.update({ ...of(made.id), body: { name: `Flow ${next()}` } })
  },
  'flow.columns.name': async ({ person, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flows.takeNames(of(made.id))
  },
  'flow.columns.choose': async ({ stores, person, flow }) => {
    const { flow: made } = await flow()
    const column = { name: 'seats', as: 'seats', label: 'Seats', type: 'number', changedTo: 'text' } as const
    await stores.flows.changeColumns(made.id, () => [
      ['leads', [{ ...column, gone: false, was: [], left: [] }]],
    ])
    const body = { stream: 'leads', column: 'seats', choice: 'new_column' } as const
    return () => person.client.flows.chooseColumn({ ...of(made.id), body })
  },
  'flow.duplicate': async ({ person, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flows.duplicate(of(made.id))
  },
  'flow.delete': async ({ person, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flows.delete(of(made.id))
  },
  'flow.share': async ({ person, other, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flowAccess.set({ ...of(made.id), body: { memberId: other.id, role: 'admin' } })
  },
  'flow.transfer': async ({ person, other, flow }) => {
    const { flow: made } = await flow()
    return () => person.client.flowAccess.transfer({ ...of(made.id), body: { to: other.id } })
  },
  'run.cancel': async ({ stores, person, flow }) => {
    const { flow: made } = await flow()
    const id = `run_${made.id.slice(5)}`
    await stores.runs.insert({ id, flowId: made.id, startedBy: null })
    return () => person.client.runs.cancel(of(id))
  },
  'run.quarantine.edit': async ({ person, refusedRun }) => {
    const { id } = await refusedRun()
    const body = { values: { name: 'Marisol' } }
    return () => person.client.runs.editQuarantined({ params: { id, record: '1' }, body })
  },
  'run.quarantine.decide': async ({ person, refusedRun }) => {
    const { id } = await refusedRun('record_in_doubt')
    const body = { there: false } as const
    return () => person.client.runs.decideDoubtful({ params: { id, record: '1' }, body })
  },
  'run.quarantine.drop': async ({ person, refusedRun }) => {
    const { id } = await refusedRun()
    return () => person.client.runs.dropQuarantined({ ...of(id), body: {} })
  },
  'run.delete': async ({ person, refusedRun }) => {
    const { id } = await refusedRun()
    return () => person.client.runs.delete(of(id))
  },
  'alert.preferences':
    async ({ person }) =>
    () =>
      person.client.alerts.setPreferences({ body: { muted: ['flow_late'] } }),
  'member.role': async ({ person, newFolk }) => {
    const { id } = await newFolk('Role')
    return () => person.client.members.update({ ...of(id), body: { role: 'admin' } })
  },
  'member.remove': async ({ person, newFolk }) => {
    const { id } = await newFolk('Gone')
    return () => person.client.members.remove(of(id))
  },
  'invitation.create':
    async ({ person, next }) =>
    () =>
      person.client.invitations.create({ body: { email: `i${next()}@hollowoak.example`, role: 'member' } }),
  'invitation.delete': async ({ person, next }) => {
    const body = { email: `i${next()}@hollowoak.example`, role: 'member' } as const
    const { invitation } = await person.client.invitations.create({ body })
    return () => person.client.invitations.delete(of(invitation.id))
  },
  'member.join': async ({ server, person, next }) => {
    const body = { email: `i${next()}@hollowoak.example`, role: 'member' } as const
    const { link } = await person.client.invitations.create({ body })
    const token = new URL(link).searchParams.get('token') ?? ''
    return () => server.browser().client.invitations.accept({ body: { token, name: 'Ash', password } })
  },
  'device.decide': async ({ server, person }) => {
    const { userCode } = await server.browser().client.devices.begin({ body: { deviceName: 'laptop' } })
    return () => person.client.devices.decide({ body: { userCode, allow: true } })
  },
  'credential.ask': async ({ person, draft }) => {
    const { id } = await draft()
    return () => person.client.credentials.askAuthorization(of(id))
  },
  'file.share': async ({ person, other, file }) => {
    const { id } = await file()
    const body = { memberId: other.id, role: 'admin' } as const
    return () => person.client.fileAccess.set({ ...of(id), body })
  },
  'file.transfer': async ({ person, other, file }) => {
    const { id } = await file()
    return () => person.client.fileAccess.transfer({ ...of(id), body: { to: other.id } })
  },
  'file.delete': async ({ person, file }) => {
    const { id } = await file()
    return () => person.client.files.delete(of(id))
  },
  'member.rename':
    async ({ person, next }) =>
    () =>
      person.client.profile.rename({ body: { name: `Administrator ${next()}` } }),
  'member.password': async ({ next, newFolk }) => {
    const { browser } = await newFolk('Careful')
    const body = { currentPassword: password, newPassword: `${password} ${next()}` }
    return () => browser.client.profile.password({ body })
  },
  'member.reset_link': async ({ person, newFolk }) => {
    const { id } = await newFolk('Forgetful')
    return () => person.client.passwordResets.create(of(id))
  },
  'session.reset_password': async ({ server, person, next, newFolk }) => {
    const { id } = await newFolk('Forgetful')
    const { link } = await person.client.passwordResets.create(of(id))
    const token = new URL(link).searchParams.get('token') ?? ''
    const body = { token, password: `${password} ${next()}` }
    return () => server.browser().client.passwordResets.accept({ body })
  },
  'sign_in.end': async ({ server, person }) => {
    const leaving = await server.signedIn()
    const { items } = await leaving.client.signIns.list()
    const id = items.find(({ current }) => current)?.id ?? ''
    return () => person.client.signIns.end(of(id))
  },
  'sign_in.end_others': async ({ server, person }) => {
    await server.signedIn()
    return () => person.client.signIns.endOthers()
  },
  'alert.read':
    async ({ person }) =>
    () =>
      person.client.alerts.read(),
  'alert.test':
    async ({ person }) =>
    () =>
      person.client.alerts.test({ body: { channel: 'page' } }),
  'flow.reset': async ({ person, flow }) => {
    const { flow: made } = await flow()
    const chosen = [flowStreamSchema.parse({ stream: 'leads' })]
    await person.client.flows.update({ ...of(made.id), body: { streams: { everything: false, chosen } } })
    return () => person.client.flows.reset({ ...of(made.id), body: { streams: ['leads'] } })
  },
  // Last, for these runs go on by themselves.
  'run.replay': async ({ person, refusedRun }) => {
    const { id } = await refusedRun()
    return () => person.client.runs.replay({ ...of(id), body: {} })
  },
  'flow.backfill': async ({ stores, person, ownerId, flow }) => {
    await noRunUnderWay(stores)
    const { source } = await flow()
    // It ends at once: there is no credential.
    const destination = await stores.sides.insert(
      newEnd({ ownerId, kind: 'destination', connector: 'postgres' }),
    )
    const streams = { everything: true, deletions: 'mark', sameRecords: 'parts' } as const
    const made = await stores.flows.insert(newFlow(source.id, destination.id, { ownerId, streams }))
    const range = { from: '2026-01-01', to: '2026-01-31' }
    return () => person.client.flows.backfill({ ...of(made.id), body: { stream: 'leads', ...range } })
  },
  'flow.run': async ({ stores, person, flow }) => {
    const { flow: made } = await flow()
    await noRunUnderWay(stores)
    return () => person.client.flows.run(of(made.id))
  },
}

/** A run that goes on changes what is looked at. */
async function noRunUnderWay({ database }: Makers['stores']): Promise<void> {
  const underWay = () =>
    database.tables.selectFrom('runs').select('id').where('finishedAt', 'is', null).execute()
  await expect.poll(async () => (await underWay()).length).toBe(0)
}

/** With a method of its own, a set-up that happens once, or an authenticator: held by the tests of oauth and accounts. */
export const elsewhere = [
  ...['session.setup', 'credential.method', 'credential.previous.check'],
  ...['passkey.begin', 'passkey.add', 'passkey.rename', 'passkey.remove'],
]
