import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consent, location } from '../browser.ts'
import { makePostgresPlace, type TestPlace } from '../database/database.ts'
import { join, programOf } from '../identity/joining.ts'
import { admin, publicUrl, type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
let place: TestPlace
let one: Running
let other: Running
let aheadMs = 0
const clock = {
  now: () => Date.now() + aheadMs,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  place = await makePostgresPlace()
  const { databaseUrl } = place.settings
  one = await startRunning(sandbox, { clock, settings: { databaseUrl } })
  other = await startRunning(sandbox, {
    clock,
    settings: { databaseUrl, masterKeyFile: one.settings.masterKeyFile },
  })
})
afterAll(async () => {
  await other?.stop()
  await one?.stop()
  await place?.remove()
  await sandbox?.close()
})

describe('two servers on one PostgreSQL', () => {
  it('share sessions, credentials, authorizations and refreshing', async () => {
    const person = await one.signedIn()
    const elsewhere = other.browser()
    const cookies = () => {
      const [jar] = person.cookies.values()
      elsewhere.cookies.set(new URL(other.url).host, new Map(jar))
    }
    cookies()
    expect((await elsewhere.client.session.get()).user?.email).toBe(admin.email)
    expect((await elsewhere.client.settings.get()).database).toBe('postgres')

    // Begun on one server, completed on the other.
    const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
    const { id } = await person.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    const { authorizeUrl } = await person.client.credentials.authorize({
      params: { id },
      body: { display: 'popup' },
    })
    const organizationId = sandbox.organizations[0]?.id ?? ''
    const callback = await consent(person, authorizeUrl, { decision: 'allow', organizationId })
    cookies()
    const done = new URL(location(await elsewhere.fetch(callback)), publicUrl)
    expect(done.searchParams.get('result')).toBe('ok')
    await elsewhere.client.credentials.save({ params: { id }, body: { name: 'Shared' } })

    // Both refresh at the same moment: one token request.
    sandbox.control.clearRequests()
    aheadMs += 3_700_000
    sandbox.control.advanceClock(3_700_000)
    const checks = await Promise.all(
      [person, elsewhere].flatMap(({ client }) =>
        Array.from({ length: 5 }, () => client.credentials.check({ params: { id } })),
      ),
    )
    expect(checks.map(({ status }) => status)).toEqual(Array(10).fill('verified'))
    const posts = sandbox.control.requests().filter(({ path }) => path === '/oauth2/token/')
    expect(posts).toHaveLength(1)
    await elsewhere.client.session.signOut()
    expect((await person.client.session.get()).user).toBeNull()
  })

  it('#43 refuse an API token, a session and a member at once that was taken back on the other', async () => {
    const boss = await one.signedIn()
    const { token, secret } = await boss.client.tokens.create({ body: { name: 'shared' } })
    const use = (server: Running, bearer: string) =>
      server.browser().fetch(`${server.url}/api/settings`, { headers: { authorization: `Bearer ${bearer}` } })
    for (const server of [one, other]) expect((await use(server, secret)).status).toBe(200)
    await boss.client.tokens.delete({ params: { id: token.id } })
    for (const server of [one, other]) expect((await use(server, secret)).status).toBe(401)

    const member = await join(one, boss, 'Bryony')
    const program = await programOf(one, member.browser)
    expect((await use(other, program.token)).status).toBe(200)
    await boss.client.members.remove({ params: { id: member.id }, query: {} })
    for (const server of [one, other]) expect((await use(server, program.token)).status).toBe(401)
    expect((await member.client.session.get()).user).toBeNull()
  })
})
