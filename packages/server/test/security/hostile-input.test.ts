import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { admin, type Running, startRunning } from '../running.ts'

let server: Running
let person: Browser
beforeAll(async () => {
  server = await startRunning(null)
  person = await server.signedIn()
})
afterAll(() => server?.stop())

const post = (path: string, body: string, headers: Record<string, string> = {}, browser = person) =>
  browser.fetch(server.url + path, {
    method: 'POST',
    headers: { 'x-latchwork': '1', 'content-type': 'application/json', ...headers },
    body,
  })

describe('a body made to do harm', () => {
  const deep = (open: string, close: string) => open.repeat(200_000) + close.repeat(200_000)
  it.each([
    ['nested lists', deep('[', ']')],
    ['nested objects', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
    ['a nested value', `{"connector":"close","method":"api_key","name":"x","values":${deep('[', ']')}}`],
    [
      'a nested configuration',
      `{"connector":"files","name":"x","config":${'{"a":'.repeat(120_000)}1${'}'.repeat(120_000)}}`,
    ],
    ['very many names', `{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['one name very often', `{${Array(100_000).fill('"name":"x"').join(',')}}`],
    ['a number without end', `{"name":${'9'.repeat(900_000)}}`],
    ['the prototype', '{"__proto__":{"role":"admin","access":"public"},"name":"x"}'],
    ['the constructor', '{"constructor":{"prototype":{"role":"admin"}},"name":"x"}'],
    [
      'the prototype of values',
      '{"connector":"close","method":"api_key","name":"x","values":{"__proto__":"polluted"}}',
    ],
    [
      'a name of the prototype as a field',
      '{"connector":"close","method":"api_key","name":"x","values":{"toString":"polluted"}}',
    ],
    [
      'a name of the prototype as a connector',
      '{"connector":"__proto__","method":"constructor","name":"x","values":{}}',
    ],
  ])('is refused, and the server goes on: %s', async (_, body) => {
    for (const path of [
      '/api/credentials',
      '/api/sources',
      '/api/tokens',
      '/api/credentials/verify',
      '/api/flows',
    ]) {
      const answer = await post(path, body)
      expect(answer.status, `${path} ${answer.body.slice(0, 300)}`).toBeGreaterThanOrEqual(400)
      expect(answer.status, `${path} ${answer.body.slice(0, 300)}`).toBeLessThan(500)
      expect(answer.body.length).toBeLessThan(10_000)
    }
    expect(Reflect.get({}, 'role')).toBeUndefined()
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect((await person.client.session.get()).user?.role).toBe('admin')
  })

  it('is not unpacked: a body that says that it is compressed is taken as it is', async () => {
    const answer = await post('/api/tokens', '{"name":"x"}', { 'content-encoding': 'gzip' })
    expect(answer.status).toBe(201)
    const packed = await post('/api/tokens', '\u001f\u008b\b', { 'content-encoding': 'gzip' })
    expect([400, 415]).toContain(packed.status)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'of a type that a form of another site can send is no JSON: %j',
    async (type) => {
      const answer = await post('/api/tokens', '{"name":"x"}', { 'content-type': type })
      expect([400, 415]).toContain(answer.status)
    },
  )
})

describe('signing in', () => {
  it('opens a new session each time: one that somebody set beforehand is never taken over', async () => {
    const host = new URL(server.url).host
    const planted =
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB'
    const victim = server.browser()
    victim.cookies.set(host, new Map([['__Host-latchwork', planted]]))
    await victim.client.session.signIn({ body: admin })
    const first = victim.cookies.get(host)?.get('__Host-latchwork')
    expect(first).not.toBe(planted)
    await victim.client.session.signIn({ body: admin })
    expect(victim.cookies.get(host)?.get('__Host-latchwork')).not.toBe(first)
    const attacker = server.browser()
    attacker.cookies.set(host, new Map([['__Host-latchwork', planted]]))
    expect((await attacker.client.session.get()).user).toBeNull()
  })

  it('is counted for each client, and refused attempts are in the audit log', async () => {
    const strict = await startRunning(null, { settings: { signInTries: 3 } })
    const guess = (browser: Browser, n: number) =>
      browser.fetch(`${strict.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-latchwork': '1' },
        body: JSON.stringify({ email: `${n}${admin.email}`, password: `guess ${n}` }),
      })
    const statuses = []
    for (let n = 0; n < 5; n++) statuses.push((await guess(strict.browser(), n)).status)
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    await strict.stop()
    const failed = server
      .browser()
      .client.session.signIn({ body: { ...admin, password: 'a wrong pass phrase' } })
    await expect(failed).rejects.toMatchObject({ problem: { status: 401 } })
    await person.client.session.signIn({ body: admin })
    const { items } = await person.client.audit.list({ query: { action: 'session.', result: 'refused' } })
    expect(items[0]).toMatchObject({
      reason: 'sign_in_failed',
      actor: { kind: 'nobody' },
      address: '127.0.0.1',
    })
    expect(JSON.stringify(items)).not.toContain('pass phrase')
  })
})

describe('a name made to do harm', () => {
  it.each(['x\r\nset-cookie: a=b', 'a"; filename="evil.html', 'a\u202egnp.exe', "'; drop table files--"])(
    'of a file cannot write headers: %j',
    async (name) => {
      const url = `${server.url}/api/files/${encodeURIComponent(name)}`
      await person.fetch(url, { method: 'PUT', headers: { 'x-latchwork': '1' }, body: 'a,b\n' })
      const { status, headers } = await person.fetch(url)
      expect(headers['set-cookie']).toBeUndefined()
      if (status === 200) {
        expect(headers['content-disposition']).toMatch(
          /^attachment; filename="[\w .()-]+"; filename\*=UTF-8''[\w%.~!-]+$/,
        )
        expect(headers['content-type']).toBe('application/octet-stream')
        expect(headers['x-content-type-options']).toBe('nosniff')
      } else expect(status).toBe(400)
    },
  )
})
