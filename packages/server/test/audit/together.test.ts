import { endpoints } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { RetainedRecords } from '../../src/flows/runs/retained-records.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { newCredential, newEnd, newFlow } from '../database/samples.ts'
import { join, password } from '../identity/joining.ts'
import { admin, type Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { everything, failing } from './faults.ts'

/** Those that change nothing in the database, with the reason. */
const changeNothing = [
  'credential.verify', // asks, and stores nothing
  'source.sample', // reads; what it uses has an entry of its own
  'destination.preview',
  'run.records', // reads
  'run.quarantine',
  'audit.verify',
  'key.add', // changes the key file
  'key.rotate',
  'key.retire',
]
const audited = [
  ...new Set(
    Object.values(endpoints)
      .flatMap((group) => Object.values(group))
      .flatMap(({ audit }) => (audit === null ? [] : [audit.action])),
  ),
].filter((action) => !changeNothing.includes(action))

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('#45 #55 a change and its entry on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let person: Browser
  let other: Awaited<ReturnType<typeof join>>
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server, person } = made)
    other = await join(server, person, 'Teal')
    return made.stop
  })

  const stores = () => server.app.stores
  const key = () => sandbox.apiKeys[0]?.key ?? ''
  const newFolk = (name: string) => join(server, person, name)
  const credential = async () => {
    const { items } = await person.client.members.list()
    const ownerId = items.find(({ email }) => email === admin.email)?.id ?? ''
    return { ownerId, row: await stores().credentials.insert(newCredential({ ownerId })) }
  }
  const real = async () =>
    person.client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: `Real ${count++}`, values: { apiKey: key() } },
    })
  let count = 0
  const sides = async () => {
    const { ownerId } = await credential()
    const source = await stores().sides.insert(newEnd({ kind: 'source', ownerId }))
    const destination = await stores().sides.insert(newEnd({ kind: 'destination', ownerId }))
    return { ownerId, source, destination }
  }
  const flow = async () => {
    const { ownerId, source, destination } = await sides()
    return {
      source,
      destination,
      flow: await stores().flows.insert(newFlow(source.id, destination.id, { ownerId })),
    }
  }
  /** A run that has ended, with one record in quarantine. */
  const refusedRun = async () => {
    const { runs, records, sides: all, flows } = stores()
    const { ownerId, source } = await sides()
    // A replay of it ends at once: there is no credential.
    const kind = { kind: 'destination', connector: 'close', credentialId: null } as const
    const destination = await all.insert(newEnd({ ...kind, ownerId }))
    const made = await flows.insert(newFlow(source.id, destination.id, { ownerId }))
    const id = `run_${made.id.slice(5)}`
    const vault = await openVault(server.settings, stores().metadata)
    await runs.insert({ id, flowId: made.id, startedBy: null })
    const held = await runs.start(id)
    if (held === null) throw new Error('the run begins')
    const sealer = await new RetainedRecords({
      store: records,
      vault,
      log: { warn: () => undefined },
    }).sealer(id)
    const reason = { key: null, row: 2, code: 'record_refused', message: 'no', entry: null }
    const refused = sealer.refused(1, reason, { json: '{"name":"Osric"}', whole: true })
    const counts = { recordsRead: 1, recordsWritten: 0, recordsRefused: 1, recordsCreated: 0, pages: 1 }
    await runs.saveProgress(held, { ...counts, checkpoint: null }, [refused], null)
    await runs.finish(held, 'failed', null, null)
    return { id }
  }
  const draft = async () => {
    const [app] = sandbox.oauthApps
    return person.client.credentials.create({
      body: {
        ...{ connector: 'close', method: 'oauth2', name: `Draft ${count++}`, draft: true },
        values: { clientId: app?.clientId ?? '', clientSecret: app?.clientSecret ?? '' },
      },
    })
  }
  const file = async () => {
    const name = `file-${count++}.csv`
    const headers = { 'content-type': 'text/csv', 'x-latchwork': '1' }
    await person.fetch(`${server.url}/api/files/${name}`, { method: 'PUT', headers, body: 'a\n1\n' })
    const found = (await person.client.files.list()).items.find((each) => each.name === name)
    if (found === undefined) throw new Error('the file was uploaded')
    return found
  }
  const of = (id: string) => ({ params: { id } })

  /** Prepares what is needed, and answers what makes the one request. */
  const operations: Record<string, () => Promise<() => Promise<unknown>>> = {
    'session.sign_in': async () => () => server.browser().client.session.signIn({ body: admin }),
    'session.sign_out': async () => {
      const leaving = await server.signedIn()
      return () => leaving.client.session.signOut()
    },
    'token.create': async () => () => person.client.tokens.create({ body: { name: 'nightly' } }),
    'token.delete': async () => {
      const { token } = await person.client.tokens.create({ body: { name: 'nightly' } })
      return () => person.client.tokens.delete(of(token.id))
    },
    'credential.create': async () => real,
    'credential.update': async () => {
      const { id } = await real()
      return () => person.client.credentials.update({ ...of(id), body: { description: `now ${count++}` } })
    },
    'credential.delete': async () => {
      const { id } = await real()
      return () => person.client.credentials.delete(of(id))
    },
    'credential.check': async () => {
      const { id } = await real()
      return () => person.client.credentials.check(of(id))
    },
    'credential.authorize': async () => {
      const { id } = await draft()
      return () =>
        person.client.credentials.authorize({ ...of(id), body: { returnTo: '/', display: 'page' } })
    },
    'credential.secrets': async () => {
      const { id } = await real()
      return () => person.client.credentials.secrets({ ...of(id), body: { values: { apiKey: key() } } })
    },
    'credential.undo': async () => {
      const { id } = await real()
      await person.client.credentials.secrets({ ...of(id), body: { values: { apiKey: key() } } })
      return () => person.client.credentials.undo(of(id))
    },
    'credential.share': async () => {
      const { id } = await real()
      const body = { memberId: other.id, role: 'operator' } as const
      return () => person.client.credentialAccess.set({ ...of(id), body })
    },
    'credential.transfer': async () => {
      const { id } = await real()
      return () => person.client.credentialAccess.transfer({ ...of(id), body: { to: other.id } })
    },
    'credential.restore': async () => {
      const { id } = await real()
      await person.client.credentials.delete(of(id))
      return () => person.client.deletedCredentials.restore(of(id))
    },
    'credential.move_usage': async () => {
      const [from, to] = [await real(), await real()]
      const { ownerId } = await credential()
      await stores().sides.insert(newEnd({ ownerId, connector: 'close', credentialId: from.id }))
      return () => person.client.deletedCredentials.moveUsage({ ...of(from.id), body: { to: to.id } })
    },
    'source.create': async () => () =>
      person.client.sources.create({
        body: {
          ...{ connector: 'files', credentialId: null, name: `S ${count++}` },
          config: { file: 'in.csv', format: 'csv' },
        },
      }),
    'source.update': async () => {
      const { source } = await sides()
      return () => person.client.sources.update({ ...of(source.id), body: { name: `Source ${count++}` } })
    },
    'source.delete': async () => {
      const { source } = await sides()
      return () => person.client.sources.delete(of(source.id))
    },
    'source.share': async () => {
      const { source } = await sides()
      return () =>
        person.client.sourceAccess.set({ ...of(source.id), body: { memberId: null, role: 'operator' } })
    },
    'source.transfer': async () => {
      const { source } = await sides()
      return () => person.client.sourceAccess.transfer({ ...of(source.id), body: { to: other.id } })
    },
    'destination.create': async () => () =>
      person.client.destinations.create({
        body: {
          ...{ connector: 'files', credentialId: null, name: `D ${count++}` },
          config: { file: `out-${count}.csv`, format: 'csv' },
        },
      }),
    'destination.update': async () => {
      const { destination } = await sides()
      return () =>
        person.client.destinations.update({ ...of(destination.id), body: { name: `To ${count++}` } })
    },
    'destination.delete': async () => {
      const { destination } = await sides()
      return () => person.client.destinations.delete(of(destination.id))
    },
    'destination.share': async () => {
      const { destination } = await sides()
      const body = { memberId: other.id, role: 'admin' } as const
      return () => person.client.destinationAccess.set({ ...of(destination.id), body })
    },
    'destination.transfer': async () => {
      const { destination } = await sides()
      return () => person.client.destinationAccess.transfer({ ...of(destination.id), body: { to: other.id } })
    },
    'flow.create': async () => {
      const { source, destination } = await sides()
      const body = { name: `Flow ${count++}`, sourceId: source.id, destinationId: destination.id }
      return () => person.client.flows.create({ body })
    },
    'flow.update': async () => {
      const made = await flow()
      return () => person.client.flows.update({ ...of(made.flow.id), body: { name: `Flow ${count++}` } })
    },
    'flow.delete': async () => {
      const made = await flow()
      return () => person.client.flows.delete(of(made.flow.id))
    },
    'flow.share': async () => {
      const made = await flow()
      return () =>
        person.client.flowAccess.set({ ...of(made.flow.id), body: { memberId: other.id, role: 'admin' } })
    },
    'flow.transfer': async () => {
      const made = await flow()
      return () => person.client.flowAccess.transfer({ ...of(made.flow.id), body: { to: other.id } })
    },
    'run.cancel': async () => {
      const made = await flow()
      const id = `run_${made.flow.id.slice(5)}`
      await stores().runs.insert({ id, flowId: made.flow.id, startedBy: null })
      return () => person.client.runs.cancel(of(id))
    },
    'run.quarantine.edit': async () => {
      const { id } = await refusedRun()
      const body = { values: { name: 'Marisol' } }
      return () => person.client.runs.editQuarantined({ params: { id, record: '1' }, body })
    },
    'run.quarantine.drop': async () => {
      const { id } = await refusedRun()
      return () => person.client.runs.dropQuarantined({ ...of(id), body: {} })
    },
    'run.delete': async () => {
      const { id } = await refusedRun()
      return () => person.client.runs.delete(of(id))
    },
    'alert.preferences': async () => () =>
      person.client.alerts.setPreferences({ body: { muted: ['flow_late'] } }),
    'member.role': async () => {
      const { id } = await newFolk(`Role${count++}`)
      return () => person.client.members.update({ ...of(id), body: { role: 'admin' } })
    },
    'member.remove': async () => {
      const { id } = await newFolk(`Gone${count++}`)
      return () => person.client.members.remove(of(id))
    },
    'invitation.create': async () => () =>
      person.client.invitations.create({ body: { email: `i${count++}@hollowoak.example`, role: 'member' } }),
    'invitation.delete': async () => {
      const body = { email: `i${count++}@hollowoak.example`, role: 'member' } as const
      const { invitation } = await person.client.invitations.create({ body })
      return () => person.client.invitations.delete(of(invitation.id))
    },
    'member.join': async () => {
      const body = { email: `i${count++}@hollowoak.example`, role: 'member' } as const
      const { link } = await person.client.invitations.create({ body })
      const token = new URL(link).searchParams.get('token') ?? ''
      return () => server.browser().client.invitations.accept({ body: { token, name: 'Ash', password } })
    },
    'device.decide': async () => {
      const { userCode } = await server.browser().client.devices.begin({ body: { deviceName: 'laptop' } })
      return () => person.client.devices.decide({ body: { userCode, allow: true } })
    },
    'credential.ask': async () => {
      const { id } = await draft()
      return () => person.client.credentials.askAuthorization(of(id))
    },
    'file.share': async () => {
      const { id } = await file()
      const body = { memberId: other.id, role: 'admin' } as const
      return () => person.client.fileAccess.set({ ...of(id), body })
    },
    'file.transfer': async () => {
      const { id } = await file()
      return () => person.client.fileAccess.transfer({ ...of(id), body: { to: other.id } })
    },
    'file.delete': async () => {
      const { id } = await file()
      return () => person.client.files.delete(of(id))
    },
    'member.rename': async () => () =>
      person.client.account.rename({ body: { name: `Administrator ${count++}` } }),
    'member.password': async () => {
      const { browser } = await newFolk(`Careful${count++}`)
      const body = { currentPassword: password, newPassword: `${password} ${count++}` }
      return () => browser.client.account.password({ body })
    },
    'member.reset_link': async () => {
      const { id } = await newFolk(`Forgetful${count++}`)
      return () => person.client.passwordResets.create(of(id))
    },
    'session.reset_password': async () => {
      const { id } = await newFolk(`Forgetful${count++}`)
      const { link } = await person.client.passwordResets.create(of(id))
      const token = new URL(link).searchParams.get('token') ?? ''
      const body = { token, password: `${password} ${count++}` }
      return () => server.browser().client.passwordResets.accept({ body })
    },
    'sign_in.end': async () => {
      const leaving = await server.signedIn()
      const { items } = await leaving.client.signIns.list()
      const id = items.find(({ current }) => current)?.id ?? ''
      return () => person.client.signIns.end(of(id))
    },
    'sign_in.end_others': async () => {
      await server.signedIn()
      return () => person.client.signIns.endOthers()
    },
    'alert.read': async () => () => person.client.alerts.read(),
    'alert.test': async () => () => person.client.alerts.test({ body: { channel: 'page' } }),
    // Last, for these runs go on by themselves.
    'run.replay': async () => {
      const { id } = await refusedRun()
      return () => person.client.runs.replay({ ...of(id), body: {} })
    },
    'flow.run': async () => {
      const made = await flow()
      const underWay = () =>
        stores().database.tables.selectFrom('runs').select('id').where('status', '=', 'running').execute()
      await expect.poll(async () => (await underWay()).length).toBe(0)
      return () => person.client.flows.run(of(made.flow.id))
    },
  }
  // With a method of its own, a set-up that happens once, or an authenticator: held by the tests of oauth and accounts.
  const elsewhere = [
    ...['session.setup', 'credential.method', 'credential.previous.check'],
    ...['passkey.begin', 'passkey.add', 'passkey.rename', 'passkey.remove'],
  ]

  it('is looked at here for every audited operation', () => {
    expect([...Object.keys(operations), ...elsewhere].sort()).toEqual(audited.toSorted())
  })

  it.each(Object.keys(operations))('is neither there without the other: %s', async (action) => {
    const request = await operations[action]?.()
    if (request === undefined) throw new Error('there is no such operation')
    const before = await everything(stores())
    const lift = await failing(stores(), 'insert', 'audit_entries')
    try {
      expect((await problem(request())).status).toBeGreaterThanOrEqual(500)
    } finally {
      await lift()
    }
    expect(await everything(stores())).toBe(before)
    await request()
    const { items } = await person.client.audit.list({ query: { action, limit: 2 } })
    expect(items[0]).toMatchObject({ action, result: 'ok' })
    expect(await person.client.audit.verify()).toMatchObject({ intact: true })
  })
})
