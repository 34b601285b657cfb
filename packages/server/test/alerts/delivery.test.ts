import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Secret } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postWebhook } from '../../src/alerts/webhook.ts'
import { type Browser, problem } from '../browser.ts'
import { admin, type Running, startRunning } from '../running.ts'
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts'

const secret = new Secret('a webhook secret of some length')
let sandbox: Sandbox
let smtp: SmtpSink
let hook: Server
let hookUrl: string
let status = 200
const posts: { headers: IncomingHttpHeaders; body: string }[] = []
let server: Running
let person: Browser

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  smtp = await startSmtpSink()
  hook = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      posts.push({ headers: request.headers, body })
      response.writeHead(status, status === 302 ? { location: `${hookUrl}elsewhere` } : {}).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const address = hook.address()
  hookUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
  server = await startRunning(sandbox, {
    settings: {
      alerts: {
        email: { smtpUrl: new Secret(smtp.url), from: 'latchwork@hollowoak.example', to: null },
        webhook: { url: hookUrl, secret },
      },
    },
  })
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  await smtp?.close()
  hook?.closeAllConnections()
  hook?.close()
  await sandbox?.close()
})

function headersOf(post: (typeof posts)[number] | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(post?.headers ?? {}).map(([name, value]) => [name, String(value)]))
}

it('an alert goes once by email to the owner and once, signed, to the webhook, which is asked again until it takes it', async () => {
  const key = sandbox.apiKeys[0]
  const { id } = await person.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Sales', values: { apiKey: key?.key ?? '' } },
  })
  const tick = () => server.app.tick(new AbortController().signal)
  await tick()
  sandbox.control.setKeyEnabled(key?.id ?? '', false)
  await person.client.credentials.check({ params: { id } })
  status = 500
  await tick()
  await expect.poll(() => posts.length, { timeout: 10_000 }).toBe(1)
  status = 200
  await expect.poll(() => posts.length, { timeout: 15_000 }).toBe(2)
  await expect.poll(() => smtp.messages.length, { timeout: 10_000 }).toBe(1)
  // It fails again, and was told already.
  await person.client.credentials.check({ params: { id } })
  await tick()
  sandbox.control.setKeyEnabled(key?.id ?? '', true)

  const [mail] = smtp.messages
  expect(mail?.to).toEqual([admin.email])
  expect(mail?.text).toContain('Subject: =?UTF-8?Q?=5BLatchwork=5D')
  const [, post] = posts
  const receiver = new Webhook(Buffer.from(secret.reveal()), { format: 'raw' })
  expect(receiver.verify(post?.body ?? '', headersOf(post))).toMatchObject({
    kind: 'failed',
    credentialId: id,
    code: 'api_key_disabled',
    title: '“Sales” failed',
    link: `https://localhost:8443/credentials?id=${id}`,
  })
  expect(post?.headers['webhook-id']).toMatch(/^alrt_/)
  expect(post?.headers['webhook-id']).toBe(posts[0]?.headers['webhook-id'])
  // What a second look raised would be on its way.
  const raised = (await person.client.alerts.list({ query: {} })).items.filter(
    ({ kind }) => kind === 'failed',
  )
  expect(raised).toHaveLength(1)
  await sleep(1_000)
  expect(posts).toHaveLength(2)
  expect(smtp.messages).toHaveLength(1)
  expect([mail?.text, post?.body, ...server.log].join('')).not.toContain(key?.key)
}, 40_000)

it('a test is sent by each way while one waits, and says what went wrong', async () => {
  const before = { posts: posts.length, mails: smtp.messages.length }
  await person.client.alerts.test({ body: { channel: 'email' } })
  await person.client.alerts.test({ body: { channel: 'webhook' } })
  expect(smtp.messages.length).toBe(before.mails + 1)
  expect(posts.length).toBe(before.posts + 1)
  status = 302
  const refused = await problem(person.client.alerts.test({ body: { channel: 'webhook' } }))
  expect(refused).toMatchObject({ code: 'alert_undelivered', detail: expect.stringContaining('302') })
  expect(posts.length).toBe(before.posts + 2) // the redirect was not followed (#25)
  status = 200
})

it.each([
  ['a key in base64', `whsec_${Buffer.alloc(32, 0xfb).toString('base64')}`, Buffer.alloc(32, 0xfb)],
  ['a text', 'Schlüssel für Meldungen', Buffer.from('Schlüssel für Meldungen')],
])(
  'what is posted is signed with %s as Standard Webhooks has it, and in the earlier way',
  async (_, text, key) => {
    const at = new Date()
    await postWebhook(
      { url: hookUrl, secret: new Secret(text) },
      'alrt_2',
      { title: '“Larch” failed' },
      at.getTime(),
    )
    const post = posts.at(-1)
    const headers = headersOf(post)
    const body = post?.body ?? ''
    const timestamp = Math.floor(at.getTime() / 1000)
    const hmac = (by: string | Buffer, over: string) => createHmac('sha256', by).update(over)
    expect(headers).toMatchObject({
      'webhook-id': 'alrt_2',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${hmac(key, `alrt_2.${timestamp}.${body}`).digest('base64')}`,
      'latchwork-id': 'alrt_2',
      'latchwork-timestamp': String(timestamp),
      'latchwork-signature': `v1=${hmac(text, `${timestamp}.${body}`).digest('hex')}`,
    })

    const receiver = text.startsWith('whsec_') ? new Webhook(text) : new Webhook(key.toString('base64'))
    expect(receiver.verify(body, headers)).toEqual({ title: '“Larch” failed' })
    const altered: [string, Record<string, string>][] = [
      [`${body} `, headers],
      [body, { ...headers, 'webhook-id': 'alrt_3' }],
      [body, { ...headers, 'webhook-timestamp': String(timestamp + 1) }],
    ]
    for (const [otherBody, otherHeaders] of altered) {
      expect(() => receiver.verify(otherBody, otherHeaders)).toThrow('No matching signature')
    }
  },
)

it('#25 nothing is posted to an address where machines of a cloud ask for their credentials', async () => {
  for (const url of ['http://169.254.169.254/latest/', 'https://[fe80::1]/', 'http://2852039166/']) {
    await expect(postWebhook({ url, secret }, 'alrt_1', {}, Date.now())).rejects.toThrow('link-local')
  }
})
