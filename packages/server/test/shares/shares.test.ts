import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { request } from 'node:https'
import { join as joinPath } from 'node:path'
import { type Client, newId, type Run } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { closeCredential, endOf, makeFlow } from '../flows/moving.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

type Person = { browser: Browser; client: Client }
const timeouts = { timeout: 20_000, interval: 100 }

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('shares of members, on %s', (_database, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  let ann: Person
  let bob: Person
  beforeAll(async () => {
    const shares = { runs: 3, checks: 2, uploads: 1, fileBytes: 1000 }
    const made = await startWithClose({ leads: 5, makePlace, settings: { draftsPerMember: 3 }, shares })
    const { person: boss } = made
    ;({ sandbox, server: running } = made)
    ann = await join(running, boss, 'Ann')
    bob = await join(running, boss, 'Bob')
    return made.stop
  })
  afterEach(() => sandbox.control.clearFaults())

  const put = ({ browser }: Person, name: string, body: string): Promise<Answer> =>
    browser.fetch(`${running.url}/api/files/${name}`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv' },
      body,
    })
  const file = (name: string, format: 'csv' | 'jsonl') => ({
    connector: 'files',
    credentialId: null,
    config: { file: name, format },
  })

  it('#57 leave room: twelve flows of one member hang, and the run of another starts at once', {
    timeout: 120_000,
  }, async () => {
    const credentialId = await closeCredential(ann.client, sandbox, 'Hangs')
    const leads = { connector: 'close', credentialId, config: { object: 'leads' } }
    const flows = []
    for (let count = 0; count < 12; count++)
      flows.push(await makeFlow(ann.client, leads, file(`hang-${count}.jsonl`, 'jsonl')))
    sandbox.control.addFault({ target: 'api', kind: 'hang', times: 1_000_000 })
    const runs: Run[] = []
    for (const id of flows) runs.push(await ann.client.flows.run({ params: { id } }))
    const states = () => Promise.all(runs.map(({ id }) => ann.client.runs.get({ params: { id } })))
    const underWay = async () => (await states()).filter(({ status }) => status === 'running').length
    await expect.poll(underWay, timeouts).toBe(3)

    await put(bob, 'small.csv', 'name\nBob\n')
    const flowId = await makeFlow(bob.client, file('small.csv', 'csv'), file('small.jsonl', 'jsonl'))
    const begun = await bob.client.flows.run({ params: { id: flowId } })
    const run = await endOf(bob.client, begun.id)
    expect(run).toMatchObject({ status: 'succeeded' })
    // It came last and is done while what came before it still waits.
    expect(await underWay()).toBe(3)
    await expect
      .poll(
        async () => (await states()).filter(({ status }) => status === 'queued').map((one) => one.activity),
        timeouts,
      )
      .toEqual(
        Array(9).fill(expect.stringMatching(/^Waits for a free place: \d+ runs? of this flow's owner /)),
      )

    // Each that ends lets the next one begin, in the order in which they were asked for.
    for (const { id } of runs.slice(0, 3)) await ann.client.runs.cancel({ params: { id } })
    await expect
      .poll(async () => (await states()).map(({ status }) => status), timeouts)
      .toEqual([...Array(3).fill('cancelled'), ...Array(3).fill('running'), ...Array(6).fill('queued')])
    for (const { id } of runs.slice(3).reverse()) await ann.client.runs.cancel({ params: { id } })
    await expect.poll(underWay, timeouts).toBe(0)
  })

  it('#57 are so many checks at once, of saved and of unsaved credentials alike', async () => {
    const id = await closeCredential(ann.client, sandbox, 'Checked')
    const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
    sandbox.control.addFault({ target: 'api', kind: 'delay', delayMs: 4000, times: 2 })
    const under = sandbox.control.requests().length
    const first = [
      ann.client.credentials.check({ params: { id } }),
      ann.client.credentials.verify({ body: { connector: 'close', method: 'api_key', values } }),
    ]
    await expect.poll(() => sandbox.control.requests().length, timeouts).toBe(under + 2)
    const third = await problem(ann.client.credentials.check({ params: { id } }))
    expect(third).toMatchObject({ code: 'share_exceeded', status: 429 })
    expect(third.detail).toContain('You have 2 checks, samples and previews under way')
    const leads = { connector: 'close', credentialId: id, config: { object: 'leads' } }
    expect(await problem(ann.client.sources.sample({ body: leads }))).toMatchObject({
      code: 'share_exceeded',
    })
    const theirs = { connector: 'close', method: 'api_key', values }
    expect(await bob.client.credentials.verify({ body: theirs })).toMatchObject({ status: 'verified' })
    await Promise.all(first)
    expect(await ann.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
  })

  it('#57 are so many drafts, which are no checks', async () => {
    const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
    const draft = ({ browser }: Person) =>
      browser.fetch(`${running.url}/api/credentials`, {
        method: 'POST',
        headers: { 'x-latchwork': '1', 'content-type': 'application/json' },
        body: JSON.stringify({ connector: 'close', method: 'api_key', values, draft: true }),
      })
    sandbox.control.addFault({ target: 'api', kind: 'delay', delayMs: 4000, times: 2 })
    const under = sandbox.control.requests().length
    const body = { connector: 'close', method: 'api_key', values }
    const checks = [ann.client.credentials.verify({ body }), ann.client.credentials.verify({ body })]
    await expect.poll(() => sandbox.control.requests().length, timeouts).toBe(under + 2)
    // Both of her checks are under way.
    const drafts = [await draft(ann), await draft(ann), await draft(ann)]
    expect(drafts.map(({ status }) => status)).toEqual([201, 201, 201])
    await Promise.all(checks)
    const refused = await draft(ann)
    expect(refused).toMatchObject({ status: 409, headers: { 'retry-after': '3600' } })
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'drafts_full',
      detail: expect.stringMatching(/ 3 drafts .*LATCHWORK_DRAFTS_PER_MEMBER.* in 60 minutes/),
    })
    expect((await draft(bob)).status).toBe(201)
    const [first] = drafts
    await ann.client.credentials.delete({ params: { id: JSON.parse(first?.body ?? '').id }, query: {} })
    expect((await draft(ann)).status).toBe(201)
  })

  it('#57 are so many bytes of files, uploaded or written by flows', async () => {
    const hundred = `name\n${'x'.repeat(94)}\n`
    expect((await put(ann, 'first.csv', hundred)).status).toBe(201)
    const before = (await ann.client.files.list()).items.reduce((sum, { bytes }) => sum + bytes, 0)
    const left = 1000 - before
    const refused = await put(ann, 'second.csv', 'y'.repeat(left + 1))
    expect(refused.status).toBe(413)
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'file_space_full',
      detail: expect.stringContaining('LATCHWORK_FILE_SPACE_MB'),
    })
    expect((await ann.client.files.list()).items.map(({ name }) => name)).not.toContain('second.csv')
    expect((await put(bob, 'second.csv', 'y'.repeat(900))).status).toBe(201)

    // A flow that writes more than is left ends and leaves nothing behind.
    const lines = `${Array.from({ length: 20 }, (_, id) => JSON.stringify({ id })).join('\n')}\n`
    expect((await put(ann, 'source.jsonl', lines)).status).toBe(201)
    const room = 1000 - (await ann.client.files.list()).items.reduce((sum, { bytes }) => sum + bytes, 0)
    expect((await put(ann, 'filler.csv', 'z'.repeat(room - 100))).status).toBe(201)
    const flowId = await makeFlow(ann.client, file('source.jsonl', 'jsonl'), file('copy.jsonl', 'jsonl'))
    const run = await endOf(ann.client, (await ann.client.flows.run({ params: { id: flowId } })).id)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'file_space_full' } })
    // What replaces a file counts once; what was deleted no more.
    expect((await put(ann, 'filler.csv', 'z'.repeat(room))).status).toBe(200)
    const filler = (await ann.client.files.list()).items.find(({ name }) => name === 'filler.csv')
    await ann.client.files.delete({ params: { id: filler?.id ?? '' } })
    const again = await endOf(ann.client, (await ann.client.flows.run({ params: { id: flowId } })).id)
    expect(again).toMatchObject({ status: 'succeeded' })
  })

  it('#57 are not filled by what another member hands over', async () => {
    const { id: bobId = '' } = (await bob.client.session.get()).user ?? {}
    for (const { client } of [ann, bob]) {
      for (const { id } of (await client.files.list()).items) await client.files.delete({ params: { id } })
    }
    expect((await put(bob, 'own.csv', 'o'.repeat(900))).status).toBe(201)
    const upload = await put(ann, 'handed.csv', 'h'.repeat(200))
    expect(upload.status).toBe(201)
    const params = { id: String(JSON.parse(upload.body).id) }
    const handOver = ann.client.fileAccess.transfer({ params, body: { to: bobId } })
    expect(await problem(handOver)).toMatchObject({ code: 'file_space_full' })
    expect((await ann.client.fileAccess.get({ params })).items[0]).toMatchObject({ member: { name: 'Ann' } })
    await ann.client.files.delete({ params })

    const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
    const draft = await bob.client.credentials.create({
      body: { connector: 'close', method: 'api_key', values, draft: true },
    })
    const { id: annId = '' } = (await ann.client.session.get()).user ?? {}
    const pass = bob.client.credentialAccess.transfer({ params: { id: draft.id }, body: { to: annId } })
    expect(await problem(pass)).toMatchObject({ code: 'credential_draft' })
  })

  it('#57 are so many files, however small, also of those that another hands over', async () => {
    const cara = await join(running, await running.signedIn(), 'Cara')
    const ownerId = (await cara.client.session.get()).user?.id ?? ''
    const { tables } = running.app.stores.database
    const rows = Array.from({ length: 1000 }, (_, at) => {
      const id = newId('file')
      return { id, ownerId, name: `${at}.csv`, folder: id, storedName: `${at}.csv`, bytes: 0, createdAt: 0 }
    })
    for (let at = 0; at < rows.length; at += 100)
      await tables
        .insertInto('files')
        .values(rows.slice(at, at + 100))
        .execute()
    const refused = await put(cara, 'more.csv', '')
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([
      409,
      { code: 'share_full', detail: expect.stringContaining('1000 files') },
    ])
    expect((await put(cara, '7.csv', 'a')).status).toBeLessThan(300)
    const { id } = JSON.parse((await put(bob, 'given.csv', 'a')).body)
    const given = bob.client.fileAccess.transfer({ params: { id }, body: { to: ownerId } })
    expect((await problem(given)).code).toBe('share_full')
  })

  it('#57 are so many uploads at once', async () => {
    const url = new URL(`${running.url}/api/files/slow.csv`)
    const cookie = [...ann.browser.cookies.values()]
      .flatMap((jar) => [...jar].map(([name, value]) => `${name}=${value}`))
      .join('; ')
    const slow = request(url, {
      method: 'PUT',
      ca: readFileSync(joinPath(running.dataDir, 'tls/cert.pem')),
      servername: 'localhost',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv', cookie, 'content-length': '10' },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      slow.on('error', reject)
    })
    slow.write('12345')
    // It has its place once its bytes arrive.
    const folder = joinPath(running.dataDir, 'files')
    const begun = async () => (await readdir(folder)).some((name) => name.startsWith('.upload-'))
    await expect.poll(begun, timeouts).toBe(true)
    const refused = await put(ann, 'quick.csv', 'a')
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([429, 'share_exceeded'])
    expect((await put(bob, 'quick.csv', 'a')).status).toBe(201)
    slow.end('67890')
    expect(await answered).toBe(201)
    expect((await put(ann, 'quick.csv', 'b')).status).toBe(201)
  })
})
