import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, consent, problem } from '../browser.ts'
import { endOf, makeFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 400 })
  ;({ sandbox, server, person } = made)
  return made.stop
})
afterEach(() => sandbox.control.clearFaults())

const api = () => person.client.credentials
const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
const userId = () => sandbox.apiKeys[0]?.userId ?? ''
const newKey = (index = 0) => sandbox.control.createKey(userId(), organization(index))

let count = 0
async function withKey() {
  const key = newKey()
  count += 1
  const name = `Credential ${count}`
  const made = await api().create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey: key.key } },
  })
  return { key, id: made.id, params: { id: made.id } }
}

async function authorizedDraft(organizationId = organization(0)) {
  const { clientId, clientSecret } = sandbox.oauthApps[0] ?? { clientId: '', clientSecret: '' }
  const draft = await api().create({
    body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
  })
  const params = { id: draft.id }
  const { authorizeUrl } = await api().authorize({ params, body: { display: 'popup' } })
  await person.fetch(await consent(person, authorizeUrl, { decision: 'allow', organizationId }))
  return draft.id
}

/** Moves a stored time of a previous secret, as if it had been replaced that long ago. */
async function age(credentialId: string, ms: number) {
  const { tables } = server.app.stores.database
  const eb = tables.updateTable('previousSecrets').where('credentialId', '=', credentialId)
  await eb
    .set((each) => ({
      replacedAt: each('replacedAt', '-', ms),
      undoUntil: each('undoUntil', '-', ms),
      endsAt: each('endsAt', '-', ms),
    }))
    .execute()
}

async function sourceOn(credentialId: string) {
  return person.client.sources.create({
    body: { connector: 'close', credentialId, name: `Source ${credentialId}`, config: { object: 'leads' } },
  })
}

async function sampleThrough(credentialId: string) {
  const config = { object: 'leads' }
  await person.client.sources.sample({ body: { connector: 'close', credentialId, config } })
}

describe('a replaced key', () => {
  it('#42 is named by its last characters and note, until its last use is past and it is deleted in Close', async () => {
    const { key, params, id } = await withKey()
    expect(await api().previous({ params })).toEqual({ previous: null })
    await sampleThrough(id)
    const { createdAt, lastUsedAt } = await api().get({ params })
    const first = newKey()
    await api().secrets({ params, body: { values: { apiKey: first.key }, keyNote: 'Made by Wren in May' } })
    expect((await api().previous({ params })).previous).toMatchObject({ usedSince: createdAt, lastUsedAt })
    const second = newKey()
    await api().secrets({ params, body: { values: { apiKey: second.key } } })

    const { previous } = await api().previous({ params })
    expect(previous).toMatchObject({
      method: 'api_key',
      suffix: first.key.slice(-4),
      keyNote: 'Made by Wren in May',
      state: 'ending',
    })
    expect(previous?.usedSince).not.toBe(createdAt)
    await age(id, 61_000)
    expect((await api().previous({ params })).previous).toMatchObject({ state: 'unused' })

    expect(await api().checkPrevious({ params })).toMatchObject({ accepted: true })
    sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 10 })
    expect(await api().checkPrevious({ params })).toMatchObject({ accepted: null })
    sandbox.control.clearFaults()
    sandbox.control.deleteKey(first.id)
    expect(await api().checkPrevious({ params })).toEqual({ accepted: false, previous: null })
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
    expect(key.key).not.toBe(first.key)
  })

  it('is put back by undo within the hour, after a check', async () => {
    const { key, params, id } = await withKey()
    const next = newKey()
    await api().secrets({ params, body: { values: { apiKey: next.key } } })
    sandbox.control.setKeyEnabled(key.id, false)
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'undo_refused' })
    sandbox.control.setKeyEnabled(key.id, true)
    expect(await api().undo({ params })).toMatchObject({ id, status: 'verified' })
    sandbox.control.deleteKey(next.id)
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'nothing_to_undo' })
  })

  it('cannot be put back after an hour, and is forgotten after a week', async () => {
    const { params, id } = await withKey()
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    await age(id, 3_600_000)
    expect((await api().previous({ params })).previous?.undoUntil).toBeNull()
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'nothing_to_undo' })
    await age(id, 7 * 24 * 3_600_000)
    await server.app.tick(new AbortController().signal)
    expect(await api().previous({ params })).toEqual({ previous: null })
  })

  it('#41 #42 is nowhere in plain text in what is kept', async () => {
    const { key, params, id } = await withKey()
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    const { tables } = server.app.stores.database
    const rows = await tables
      .selectFrom('previousSecrets')
      .selectAll()
      .where('credentialId', '=', id)
      .execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(key.key)
    expect(server.log.join('')).not.toContain(key.key)
  })

  it('that could not be opened any more is replaced as well, and nothing is put aside (#35)', async () => {
    const { params, id } = await withKey()
    const other = await withKey()
    const { tables } = server.app.stores.database
    const { sealed } = await tables
      .selectFrom('credentials')
      .select('sealed')
      .where('id', '=', other.id)
      .executeTakeFirstOrThrow()
    await tables.updateTable('credentials').set({ sealed }).where('id', '=', id).execute()
    expect((await api().check({ params })).reason?.code).toBe('secret_unreadable')
    const replaced = await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    expect(replaced.status).toBe('verified')
    expect((await api().check({ params })).status).toBe('verified')
    expect(await api().previous({ params })).toEqual({ previous: null })
  })

  it('whose column is damaged is listed with the others, says so at its check, and is replaced', async () => {
    const { params, id } = await withKey()
    await server.app.stores.database.tables
      .updateTable('credentials')
      .set({ sealed: 'not JSON' })
      .where('id', '=', id)
      .execute()
    const { items } = await api().list({ query: { limit: 200 } })
    expect(items.map((each) => each.id)).toContain(id)
    expect((await api().check({ params })).reason?.code).toBe('secret_unreadable')
    const replaced = await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    expect(replaced.status).toBe('verified')
  })

  it('of another account is refused, and nothing is put aside', async () => {
    const { params } = await withKey()
    const { accounts } = { accounts: sandbox.apiKeys.find((each) => each.organizationId !== organization(0)) }
    const refused = problem(api().secrets({ params, body: { values: { apiKey: accounts?.key ?? '' } } }))
    expect(await refused).toMatchObject({ code: 'identity_changed' })
    expect(await api().previous({ params })).toEqual({ previous: null })
  })
})

describe('a switch of the method', () => {
  it('moves an authorized draft to the id in one commit; undo goes back to the key and ends the sign-in', async () => {
    const { params, id } = await withKey()
    const source = await sourceOn(id)
    const draft = await authorizedDraft()
    const switched = await api().method({ params, body: { method: 'oauth2', draft } })
    expect(switched).toMatchObject({ id, method: 'oauth2', status: 'verified', usageCount: 1 })
    expect(switched.secretsSet.sort()).toEqual(['accessToken', 'clientSecret', 'refreshToken'])
    expect(await problem(api().get({ params: { id: draft } }))).toMatchObject({
      code: 'credential_not_found',
    })
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
    expect(source.credentialId).toBe(id)

    const alive = () => sandbox.control.grants().filter((grant) => grant.alive).length
    const before = alive()
    expect(await api().undo({ params })).toMatchObject({ method: 'api_key', secretsSet: ['apiKey'] })
    await expect.poll(alive, { timeout: 10_000, interval: 20 }).toBe(before - 1)
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
  })

  it('goes from a sign-in to a key; undo puts the tokens back, and they can still be refreshed', async () => {
    const draft = await authorizedDraft()
    const params = { id: draft }
    await api().save({ params, body: { name: `Signed in ${draft}` } })
    expect(
      await api().method({ params, body: { method: 'api_key', values: { apiKey: newKey().key } } }),
    ).toMatchObject({ method: 'api_key', secretsSet: ['apiKey'], grantedScope: null })
    expect(await api().undo({ params })).toMatchObject({ method: 'oauth2', status: 'verified' })
    sandbox.control.expireAccessTokens()
    expect(await api().check({ params })).toMatchObject({ status: 'verified' })
  })

  it('#30 ends the put-aside sign-in at Close when its hour is over', async () => {
    const draft = await authorizedDraft()
    const params = { id: draft }
    await api().save({ params, body: { name: `Signed in ${draft}` } })
    await api().method({ params, body: { method: 'api_key', values: { apiKey: newKey().key } } })
    const alive = () => sandbox.control.grants().filter((grant) => grant.alive).length
    const before = alive()
    await age(draft, 3_600_000)
    await server.app.tick(new AbortController().signal)
    expect(alive()).toBe(before - 1)
    expect(await api().previous({ params })).toEqual({ previous: null })
  })

  it('to another account needs a confirmation', async () => {
    const { params } = await withKey()
    const draft = await authorizedDraft(organization(1))
    const body = { method: 'oauth2', draft }
    expect(await problem(api().method({ params, body }))).toMatchObject({ code: 'identity_changed' })
    expect(await api().get({ params })).toMatchObject({ method: 'api_key' })
    const moved = await api().method({ params, body: { ...body, confirmIdentityChange: true } })
    expect(moved.identity?.organizationId).toBe(organization(1))
  })

  it('is refused for what is no authorized draft, for the method in use and for a refused key', async () => {
    const { params } = await withKey()
    const other = await withKey()
    const refused = async (body: Parameters<ReturnType<typeof api>['method']>[0]['body']) =>
      (await problem(api().method({ params, body }))).code
    expect(await refused({ method: 'oauth2' })).toBe('not_authorized')
    expect(await refused({ method: 'oauth2', draft: other.id })).toBe('not_authorized')
    expect(await refused({ method: 'api_key', values: { apiKey: newKey().key } })).toBe('method_unknown')
    expect(await refused({ method: 'password' })).toBe('method_unknown')
    const draft = await authorizedDraft()
    await api().save({ params: { id: draft }, body: { name: `Kept ${draft}` } })
    expect(
      await problem(
        api().method({
          params: { id: draft },
          body: { method: 'api_key', values: { apiKey: 'api_no.one' } },
        }),
      ),
    ).toMatchObject({ code: 'api_key_rejected' })
    expect(await api().check({ params: { id: draft } })).toMatchObject({
      method: 'oauth2',
      status: 'verified',
    })
  })
})

it('a run under way goes on through a replaced key and a switched method', async () => {
  const { key, params, id } = await withKey()
  const flow = await makeFlow(
    person.client,
    { connector: 'close', credentialId: id, config: { object: 'activities' } },
    { connector: 'files', credentialId: null, config: { format: 'jsonl', file: `${id}.jsonl` } },
  )
  sandbox.control.setLatency(150)
  try {
    const run = await person.client.flows.run({ params: { id: flow } })
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    sandbox.control.deleteKey(key.id)
    const draft = await authorizedDraft()
    await api().method({ params, body: { method: 'oauth2', draft } })
    const { status } = await person.client.runs.get({ params: { id: run.id } })
    expect(status).toBe('running')
    sandbox.control.setLatency(0)
    expect(await endOf(person.client, run.id)).toMatchObject({ status: 'succeeded', error: null })
  } finally {
    sandbox.control.setLatency(0)
  }
})
