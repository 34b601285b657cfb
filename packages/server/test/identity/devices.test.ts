import { createClient } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { publicUrl, type Running, startRunning } from '../running.ts'

let server: Running
beforeAll(async () => {
  server = await startRunning(null)
})
afterAll(() => server?.stop())

const begin = (program: Browser) => program.client.devices.begin({ body: { deviceName: 'larch' } })
const withToken = (token: string) => {
  const program = server.browser()
  return createClient({ baseUrl: server.url, token, fetch: (url, init) => program.fetch(url, init) })
}

describe('signing in from a terminal', () => {
  it('gives a token of the person who confirms, once', async () => {
    const [program, person] = [server.browser(), await server.signedIn()]
    const { deviceCode, userCode, ...rest } = await begin(program)
    expect(userCode).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/)
    expect(rest).toEqual({
      verificationUrl: `${publicUrl}/device`,
      verificationUrlComplete: `${publicUrl}/device?code=${userCode}`,
      expiresInSeconds: 600,
      intervalSeconds: 2,
    })
    const poll = () => program.client.devices.poll({ body: { deviceCode } })
    expect((await problem(poll())).code).toBe('authorization_pending')

    const typed = userCode.replace('-', ' ').toLowerCase()
    const shown = await person.client.devices.lookUp({ body: { userCode: typed } })
    expect(shown).toMatchObject({ userCode, deviceName: 'larch', address: '127.0.0.1' })
    await person.client.devices.decide({ body: { userCode: typed, allow: true } })

    const granted = await poll()
    expect(granted).toMatchObject({
      user: { role: 'admin' },
      token: { name: 'Command line on larch', suffix: granted.secret.slice(-4) },
    })
    expect((await withToken(granted.secret).session.get()).user).toEqual(granted.user)
    expect((await problem(poll())).code).toBe('expired_token')
    for (const again of [true, false]) {
      const late = person.client.devices.decide({ body: { userCode, allow: again } })
      expect((await problem(late)).code).toBe('device_not_found')
    }
    const rows = await server.app.stores.database.tables.selectFrom('deviceSignIns').selectAll().execute()
    expect(rows).toEqual([])
  })

  it('hands the token to one of several polls', async () => {
    const [program, person] = [server.browser(), await server.signedIn()]
    const { deviceCode, userCode } = await begin(program)
    await person.client.devices.decide({ body: { userCode, allow: true } })
    const polls = await Promise.allSettled(
      [1, 2, 3, 4].map(() => server.browser().client.devices.poll({ body: { deviceCode } })),
    )
    expect(polls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('tells a program that asks too often to slow down, and makes it wait longer', async () => {
    const program = server.browser()
    const { deviceCode } = await begin(program)
    const poll = () => problem(program.client.devices.poll({ body: { deviceCode } }))
    expect((await poll()).code).toBe('authorization_pending')
    expect((await poll()).code).toBe('slow_down')
    expect((await poll()).code).toBe('slow_down')
    const { tables } = server.app.stores.database
    const row = await tables.selectFrom('deviceSignIns').select('intervalSeconds').executeTakeFirstOrThrow()
    expect(row.intervalSeconds).toBe(12)
  })

  it('ends when the person refuses, and when ten minutes are over', async () => {
    const [program, person] = [server.browser(), await server.signedIn()]
    const refused = await begin(program)
    await person.client.devices.decide({ body: { userCode: refused.userCode, allow: false } })
    const { deviceCode } = refused
    expect((await problem(program.client.devices.poll({ body: { deviceCode } }))).code).toBe('access_denied')

    const late = await begin(program)
    const { tables } = server.app.stores.database
    await tables
      .updateTable('deviceSignIns')
      .set({ expiresAt: Date.now() - 1000 })
      .execute()
    const poll = program.client.devices.poll({ body: { deviceCode: late.deviceCode } })
    expect((await problem(poll)).code).toBe('expired_token')
    const decide = person.client.devices.decide({ body: { userCode: late.userCode, allow: true } })
    expect((await problem(decide)).code).toBe('device_not_found')
    await begin(program)
    const kept = await tables.selectFrom('deviceSignIns').select('deviceName').execute()
    expect(kept).toHaveLength(1)
  })

  it('is confirmed by nobody but a person in a browser', async () => {
    const [program, person] = [server.browser(), await server.signedIn()]
    const { userCode } = await begin(program)
    const body = { userCode, allow: true }
    expect((await problem(program.client.devices.decide({ body }))).code).toBe('not_signed_in')
    expect((await problem(program.client.devices.lookUp({ body: { userCode } }))).code).toBe('not_signed_in')
    const { secret } = await person.client.tokens.create({ body: { name: 'a script' } })
    expect((await problem(withToken(secret).devices.decide({ body }))).code).toBe('forbidden')
    const wrong = person.client.devices.lookUp({ body: { userCode: 'BBBB-BBBB' } })
    expect((await problem(wrong)).code).toBe('device_not_found')
    const misspelt = person.client.devices.lookUp({ body: { userCode: 'AEIO-1234' } })
    expect((await problem(misspelt)).code).toBe('invalid_input')
  })

  it('keeps no code in the database or the log', async () => {
    const program = server.browser()
    const { deviceCode, userCode } = await begin(program)
    const rows = await server.app.stores.database.tables.selectFrom('deviceSignIns').selectAll().execute()
    const kept = JSON.stringify(rows) + server.log.join('')
    expect(kept).not.toContain(deviceCode)
    expect(kept).not.toContain(userCode)
  })
})

it('lets one client guess at few codes', async () => {
  const strict = await startRunning(null, { settings: { signInTries: 3 } })
  const person = await strict.signedIn()
  const guess = () => problem(person.client.devices.lookUp({ body: { userCode: 'BBBB-BBBB' } }))
  const codes = [await guess(), await guess(), await guess(), await guess()].map(({ code }) => code)
  expect(codes.at(0)).toBe('device_not_found')
  expect(codes.at(-1)).toBe('too_many_requests')
  await strict.stop()
})
