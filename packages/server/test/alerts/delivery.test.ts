import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { Secret } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postWebhook, signature } from '../../src/alerts/webhook.ts'
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
  await tick()
  sandbox.control.setKeyEnabled(key?.id ?? '', true)

  const [mail] = smtp.messages
  expect(mail?.to).toEqual([admin.email])
  expect(mail?.text).toContain('Subject: =?UTF-8?Q?=5BLatchwork=5D')
  const [, post] = posts
  const timestamp = String(post?.headers['latchwork-timestamp'])
  expect(post?.headers['latchwork-signature']).toBe(signature(secret, timestamp, post?.body ?? ''))
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60)
  expect(JSON.parse(post?.body ?? '')).toMatchObject({
    kind: 'failed',
    credentialId: id,
    code: 'key_disabled',
    title: '“Sales” failed',
    link: `https://localhost:8443/credentials?id=${id}`,
  })
  expect(post?.headers['latchwork-id']).toBe(posts[0]?.headers['latchwork-id'])
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

it('#25 nothing is posted to an address where machines of a cloud ask for their credentials', async () => {
  for (const url of ['http://169.254.169.254/latest/', 'https://[fe80::1]/', 'http://2852039166/']) {
    await expect(postWebhook({ url, secret }, 'alrt_1', {}, Date.now())).rejects.toThrow('link-local')
  }
})
