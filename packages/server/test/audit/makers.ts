import { RetainedRecords } from '../../src/flows/runs/retained-records.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { insertFlow, newEnd, newFlow, saveBatch } from '../database/samples.ts'
import { join } from '../identity/joining.ts'
import { admin } from '../running.ts'
import type { WithClose } from '../with-close.ts'

/** Makes what an operation begins with, each time a new one. */
export async function makersFor({ server, sandbox, person }: WithClose) {
  const { stores } = server.app
  const { items } = await person.client.members.list()
  const ownerId = items.find(({ email }) => email === admin.email)?.id ?? ''
  const other = await join(server, person, 'Teal')
  let count = 0
  const next = () => count++
  const key = sandbox.apiKeys[0]?.key ?? ''
  const newFolk = (name: string) => join(server, person, `${name}${next()}`)
  const flow = () => insertFlow(stores, { ownerId })
  const side = (kind: 'source' | 'destination') => stores.sides.insert(newEnd({ kind, ownerId }))
  const real = async () =>
    person.client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: `Real ${next()}`, values: { apiKey: key } },
    })
  /** A run that has ended, with one record in quarantine. */
  const refusedRun = async (code = 'record_refused') => {
    const { runs, records } = stores
    const { source } = await flow()
    // A replay of it ends at once: there is no credential.
    const kind = { kind: 'destination', connector: 'close', credentialId: null } as const
    const destination = await stores.sides.insert(newEnd({ ...kind, ownerId }))
    const made = await stores.flows.insert(newFlow(source.id, destination.id, { ownerId }))
    const id = `run_${made.id.slice(5)}`
    const vault = await openVault(server.settings, stores.metadata)
    await runs.insert({ id, flowId: made.id, startedBy: null })
    const held = await runs.start(id)
    if (held === null) throw new Error('the run begins')
    const sealer = await new RetainedRecords({
      store: records,
      vault,
      log: { warn: () => undefined },
    }).sealer(id)
    const reason = { key: null, row: 2, code, message: 'no', entry: null }
    const refused = sealer.refused({ stream: 'leads', position: 1 }, reason, {
      json: '{"name":"Osric"}',
      whole: true,
    })
    const counts = { recordsRead: 1, recordsWritten: 0, recordsRefused: 1, recordsCreated: 0, pages: 1 }
    await saveBatch({ runs }, held, { ...counts, checkpoint: null }, { refused: [refused] })
    await runs.finish(held, 'failed', null, null)
    return { id }
  }
  const draft = async () => {
    const [app] = sandbox.oauthApps
    return person.client.credentials.create({
      body: {
        ...{ connector: 'close', method: 'oauth2', name: `Draft ${next()}`, draft: true },
        values: { clientId: app?.clientId ?? '', clientSecret: app?.clientSecret ?? '' },
      },
    })
  }
  const file = async () => {
    const name = `file-${next()}.csv`
    const headers = { 'content-type': 'text/csv', 'x-latchwork': '1' }
    await person.fetch(`${server.url}/api/files/${name}`, { method: 'PUT', headers, body: 'a\n1\n' })
    const found = (await person.client.files.list()).items.find((each) => each.name === name)
    if (found === undefined) throw new Error('the file was uploaded')
    return found
  }

  return {
    server,
    stores,
    person,
    ownerId,
    other,
    key,
    next,
    newFolk,
    real,
    side,
    flow,
    refusedRun,
    draft,
    file,
  }
}

export type Makers = Awaited<ReturnType<typeof makersFor>>
