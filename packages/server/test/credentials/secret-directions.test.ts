import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import type { MethodDefinition } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import type { Sandbox } from 'close-sandbox'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeConnectors } from '../../src/app/connectors.ts'
import { placeOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { type Browser, problem } from '../browser.ts'
import { endOf, makeFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { type DatabasePlace, startHostile, startRelay } from './database-places.ts'

/* Where a secret goes is decided by who gave it: nobody sends it elsewhere without knowing it. */

const databaseUrl = new URL(process.env['LATCHWORK_TEST_POSTGRES_URL'] ?? '')
let sandbox: Sandbox
let server: Running
let person: Browser
/** The database that credentials are made for, a second address of it, and the places of a thief. */
let real: DatabasePlace
let second: DatabasePlace
let otherPort: DatabasePlace
let otherHost: DatabasePlace
let certificate = ''

beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  certificate = readFileSync(join(server.dataDir, 'tls/cert.pem'), 'utf8').trim()
  real = await startRelay(databaseUrl)
  second = await startRelay(databaseUrl)
  otherPort = await startHostile('127.0.0.1', 0)
  otherHost = await startHostile('127.0.0.2', Number(real.port))
  return made.stop
})
afterAll(async () => {
  for (const place of [real, second, otherPort, otherHost]) await place?.close()
})

const api = () => person.client.credentials
const places = () => [real, second, otherPort, otherHost]
const arrivals = () => places().map((place) => place.connections())
let before: number[] = []
beforeEach(() => {
  before = arrivals()
})
/** A server that trusts its own machine takes any. */
const password = decodeURIComponent(databaseUrl.password) || 'taken unasked'
const valuesAt = (place: DatabasePlace) => ({
  host: place.host,
  port: place.port,
  database: databaseUrl.pathname.slice(1),
  user: decodeURIComponent(databaseUrl.username),
  tls: 'disable',
})
/** For each field that says where secrets go, a value that would send them elsewhere or otherwise protected. */
const elsewhere = (): Record<string, string> => ({
  'postgres.password.host': otherHost.host,
  'postgres.password.port': otherPort.port,
  'postgres.password.tls': 'require',
  'postgres.password.caCertificate': certificate,
  'postgres.password.user': 'somebody_else',
})
const caValues = () => ({ ...valuesAt(real), tls: 'verify-full' })

const saved = async (values: Record<string, string> = valuesAt(real)) => {
  const name = `Database ${randomBytes(6).toString('hex')}`
  const body = { connector: 'postgres', method: 'password', name, values: { ...valuesAt(real), password } }
  const { id } = await api().create({ body })
  // One that is protected otherwise than the test's database can be.
  if (values['tls'] !== 'disable') await editInDatabase(id, values)
  return { params: { id }, id, name }
}
async function editInDatabase(id: string, values: Record<string, string>): Promise<void> {
  const { tables } = server.app.stores.database
  const fieldValues = JSON.stringify(values)
  await tables.updateTable('credentials').set({ fieldValues }).where('id', '=', id).execute()
}
const lastEntry = async (action: string) =>
  (await person.client.audit.list({ query: { action, limit: 1 } })).items[0]

const closeUrl = 'https://close.example'
const connectors = makeConnectors({
  clock: systemClock,
  filesDir: '/nonexistent',
  closeApiUrl: closeUrl,
  closeAppUrl: closeUrl,
})
const methods = [...connectors].flatMap(([connector, { definition }]) =>
  definition.methods.map((method) => ({
    connector,
    method,
    fields: method.fields.filter(({ decidesPlace }) => decidesPlace === true),
  })),
)
const cases = methods.flatMap(({ connector, method, fields }) =>
  fields.map((field) => ({ path: `${connector}.${method.id}.${field.name}`, method, field })),
)
const secretsOf = (method: MethodDefinition) => method.fields.filter(({ kind }) => kind === 'secret')

describe('#51 every field of every method', () => {
  it('either says where secrets go, or is known to say nothing of it', () => {
    const others = methods.flatMap(({ connector, method, fields }) =>
      method.fields
        .filter((field) => field.kind !== 'secret' && !fields.includes(field))
        .map(({ name }) => `${connector}.${method.id}.${name}`),
    )
    expect(cases.map(({ path }) => path).sort()).toEqual(Object.keys(elsewhere()).sort())
    // The server of a database is asked whichever of its databases is meant; Close's addresses come from the settings.
    expect(others).toEqual(['close.oauth2.clientId', 'close.oauth2.scope', 'postgres.password.database'])
  })

  it.each(cases)(
    '$path demands the secrets anew before anything is sent',
    async ({ path, method, field }) => {
      const { params } = await saved(field.name === 'caCertificate' ? caValues() : valuesAt(real))
      before = arrivals()
      const values = { [field.name]: elsewhere()[path] ?? '' }
      const refused = await problem(api().secrets({ params, body: { values, confirmIdentityChange: true } }))
      expect(refused).toMatchObject({
        code: 'invalid_input',
        errors: secretsOf(method).map(({ name }) => ({ field: `values.${name}`, rule: 'again' })),
      })
      expect(refused.detail).toContain(field.label)
      expect(arrivals()).toEqual(before)
      const entry = await lastEntry('credential.secrets')
      expect(entry).toMatchObject({
        object: { id: params.id },
        result: 'refused',
        after: { values: { [field.name]: (elsewhere()[path] ?? '').slice(0, 300) } },
      })
      const stored = await api().get({ params })
      expect(stored.values[field.name] ?? '').not.toBe(elsewhere()[path])
    },
  )

  it.each(cases)('$path of a draft demands the secrets anew', async ({ path, field }) => {
    const values = field.name === 'caCertificate' ? caValues() : valuesAt(real)
    const body = { connector: 'postgres', method: 'password', draft: true, values: { ...values, password } }
    const { id } = await api().create({ body })
    const params = { id }
    const change = { [field.name]: elsewhere()[path] ?? '' }
    expect(await problem(api().update({ params, body: { values: change } }))).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'values.password', rule: 'again' }],
    })
    expect(await lastEntry('credential.update')).toMatchObject({ result: 'refused', after: { values: {} } })
    // With the secret it is taken, and the draft goes where it now says.
    const changed = await api().update({ params, body: { values: { ...change, password: 'typed anew' } } })
    expect(changed.values).toMatchObject(change)
    // A thief hangs up, which is no refusal, and the real server may take what was typed or not.
    await Promise.allSettled([api().save({ params, body: { name: id } })])
    expect([...otherPort.passwords(), ...otherHost.passwords()]).not.toContain(password)
  })
})

describe('#51 a stored secret', () => {
  it('goes to no new place: only the one that was typed for it does', async () => {
    const { params } = await saved()
    const values = { ...valuesAt(otherPort), password: 'typed for the new place' }
    await problem(api().secrets({ params, body: { values } }))
    expect(otherPort.passwords()).toContain('typed for the new place')
    expect(otherPort.passwords()).not.toContain(password)
  })

  it('stays where a field is given as it is, or another is changed', async () => {
    const { params } = await saved()
    const same = { host: real.host, port: real.port, tls: 'disable', database: valuesAt(real).database }
    expect(await api().secrets({ params, body: { values: same } })).toMatchObject({ status: 'verified' })
  })

  it('is demanded when a field is cleared', async () => {
    const { params } = await saved({ ...caValues(), caCertificate: certificate })
    before = arrivals()
    const values = { tls: 'verify-full', caCertificate: '' }
    expect(await problem(api().secrets({ params, body: { values } }))).toMatchObject({
      errors: [{ field: 'values.password', rule: 'again' }],
    })
    const only = { caCertificate: '' }
    expect(await problem(api().secrets({ params, body: { values: only } }))).toMatchObject({
      errors: [{ field: 'values.password', rule: 'again' }],
    })
    expect(arrivals()).toEqual(before)
  })

  it('is demanded when a default takes the place of what a draft had', async () => {
    const body = { connector: 'postgres', method: 'password', draft: true }
    const { id } = await api().create({ body: { ...body, values: { ...valuesAt(otherPort), password } } })
    for (const values of [{ port: '' }, { tls: '' }]) {
      expect(await problem(api().update({ params: { id }, body: { values } }))).toMatchObject({
        errors: [{ field: 'values.password', rule: 'again' }],
      })
    }
    // Where a field was left out its default stands already.
    const { port: _port, ...values } = valuesAt(real)
    const other = await api().create({ body: { ...body, values: { ...values, password } } })
    const given = await api().update({ params: { id: other.id }, body: { values: { port: '5432' } } })
    expect(given.values).toMatchObject({ port: '5432' })
  })

  it('goes back by undo to the place that it was for, and stays with it', async () => {
    const { params } = await saved()
    const moved = { ...valuesAt(second), password }
    await api().secrets({ params, body: { values: moved, confirmIdentityChange: true } })
    before = arrivals()
    expect(await api().undo({ params })).toMatchObject({ values: valuesAt(real), status: 'verified' })
    expect(second.connections()).toBe(before[1])
    expect(real.connections()).toBeGreaterThan(before[0] ?? 0)
  })
})

describe('#51 a row that was edited in the database', () => {
  it('sends its secret nowhere: not at a check, not in a run', async () => {
    const { id, params, name } = await saved()
    const destination = { connector: 'postgres', credentialId: id, config: { table: name.replace(' ', '_') } }
    const closeKey = sandbox.apiKeys[0]?.key ?? ''
    const source = await api().create({
      body: { connector: 'close', method: 'api_key', name: `Close ${name}`, values: { apiKey: closeKey } },
    })
    const leads = { connector: 'close', credentialId: source.id, config: { object: 'leads' } }
    const flowId = await makeFlow(person.client, leads, destination)
    await editInDatabase(id, valuesAt(otherPort))
    before = arrivals()
    const { id: runId } = await person.client.flows.run({ params: { id: flowId } })
    expect(await endOf(person.client, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'secret_destination_changed' },
    })
    const checked = await api().check({ params })
    expect(checked).toMatchObject({ status: 'failed', reason: { code: 'secret_destination_changed' } })
    expect(checked.reason?.message).toContain('port')
    expect(await problem(api().secrets({ params, body: { values: { database: 'x' } } }))).toMatchObject({
      code: 'secret_destination_changed',
    })
    expect(arrivals()).toEqual(before)
    await editInDatabase(id, valuesAt(real))
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
    await editInDatabase(id, valuesAt(second))
    const given = { ...valuesAt(second), password }
    const taken = await api().secrets({ params, body: { values: given, confirmIdentityChange: true } })
    expect(taken).toMatchObject({ status: 'verified' })
  })

  it('sends nothing after it was deleted and restored, nor by undo', async () => {
    const { id, params } = await saved()
    await api().secrets({ params, body: { values: { password } } })
    const { tables } = server.app.stores.database
    await tables
      .updateTable('previousSecrets')
      .set({ fieldValues: JSON.stringify(valuesAt(otherHost)) })
      .where('credentialId', '=', id)
      .execute()
    before = arrivals()
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'secret_destination_changed' })
    await api().delete({ params })
    await editInDatabase(id, valuesAt(otherHost))
    expect(await person.client.deletedCredentials.restore({ params })).toMatchObject({
      status: 'failed',
      reason: { code: 'secret_destination_changed' },
    })
    expect(arrivals()).toEqual(before)
  })

  it('is bound at its next good check, if it is of an older version', async () => {
    const { id, params } = await saved()
    const vault = await openVault(server.settings, server.app.stores.metadata)
    const alone = await vault.seal(placeOf(id, 1), { password: new Secret(password) })
    const { tables } = server.app.stores.database
    await tables
      .updateTable('credentials')
      .set({ sealed: JSON.stringify(alone) })
      .where('id', '=', id)
      .execute()
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
    await editInDatabase(id, valuesAt(otherPort))
    before = arrivals()
    expect(await api().check({ params })).toMatchObject({ reason: { code: 'secret_destination_changed' } })
    expect(arrivals()).toEqual(before)
  })
})
