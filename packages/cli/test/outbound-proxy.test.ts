import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startConnectProxy } from '../../../tools/test-processes/connect-proxy.ts'
import { bareEnvironment } from '../../../tools/test-processes/environment.ts'
import { type Ended, Shell } from './command.ts'
import { keyOf, type Product, startProduct } from './server.ts'

const cli = join(import.meta.dirname, '../src/main.ts')
const server = join(import.meta.dirname, '../../server/src')

async function runNode(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: { ...bareEnvironment(), ...env } })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)])
  await ended
  return { code: child.exitCode, stdout, stderr }
}

/** What the gateway answers a pass. */
async function statusOf({ url, certificateFile }: Product, token: string): Promise<number | undefined> {
  const options = { ca: readFileSync(certificateFile), headers: { authorization: `Bearer ${token}` } }
  const sent = request(`${url}/close/api/v1/me/`, options).end()
  const [answer] = await once(sent, 'response')
  answer.resume()
  return answer.statusCode
}

describe('where the network is left only through a proxy', () => {
  it.each([
    { noProxy: 'localhost', hosts: ['CONNECT api.close.example:443'] },
    { noProxy: 'localhost,.close.example', hosts: [] },
  ])(
    'the server reaches Close by it, with API keys and with tokens: NO_PROXY=$noProxy',
    async ({ noProxy, hosts }) => {
      const origins = { 'api.close.example': '' }
      await using proxy = await startConnectProxy(origins)
      await using product = await startProduct(undefined, undefined, {
        LATCHWORK_CLOSE_API_URL: 'https://api.close.example',
        LATCHWORK_CLOSE_APP_URL: 'https://app.close.example',
        ...{ HTTPS_PROXY: proxy.url, NO_PROXY: noProxy, NODE_EXTRA_CA_CERTS: proxy.certificateFile },
      })
      origins['api.close.example'] = product.sandbox.apiUrl
      const { credentials } = product.person.client
      const made = await credentials.create({
        body: {
          ...{ connector: 'close', method: 'api_key', name: 'Key' },
          values: { apiKey: keyOf(product).key },
        },
      })
      expect(made.status).toBe(hosts.length > 0 ? 'verified' : 'unverified')
      expect(new Set(proxy.asked)).toEqual(new Set(hosts))

      proxy.asked.length = 0
      const { token } = await product.person.client.passes.create({
        body: { name: 'Pass', credentialId: made.id, rules: { objects: { user: ['read'] } } },
      })
      expect(await statusOf(product, token)).toBe(hosts.length > 0 ? 200 : 502)
      expect(new Set(proxy.asked)).toEqual(new Set(hosts))

      proxy.asked.length = 0
      const { clientId = '', clientSecret = '' } = product.sandbox.oauthApps[0] ?? {}
      const { id } = await credentials.create({
        body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
      })
      const { appUrl, organizations } = product.sandbox
      const choice = { decision: 'allow', organizationId: organizations[0]?.id ?? '', appUrl } as const
      const { end } = await product.person.grantAccess(id, choice)
      expect(new URL(end, product.url).searchParams.get('result')).toBe(
        hosts.length > 0 ? 'ok' : 'unreachable',
      )
      expect(new Set(proxy.asked)).toEqual(new Set(hosts))
    },
  )

  it('an alert is posted by it, and what NO_PROXY names is reached directly', async () => {
    const heard: string[] = []
    const receiver = createServer((incoming, answer) => {
      heard.push(`${incoming.headers.host}${incoming.url}`)
      incoming.resume()
      answer.end()
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const address = receiver.address()
    const local = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
    await using proxy = await startConnectProxy({ 'hook.example': local })
    const script = `
      import { useOutboundProxies } from ${JSON.stringify(join(server, 'settings/outbound-proxy.ts'))}
      import { postWebhook } from ${JSON.stringify(join(server, 'alerts/webhook.ts'))}
      useOutboundProxies(process.env)
      const secret = { reveal: () => 'a secret of enough characters' }
      for (const url of ['https://hook.example/by-proxy', '${local}/directly'])
        await postWebhook({ url, secret }, 'alert_1', { a: 1 }, Date.now())
    `
    const ended = await runNode(['--input-type=module', '-e', script], {
      HTTPS_PROXY: proxy.url,
      HTTP_PROXY: proxy.url,
      NO_PROXY: '127.0.0.1',
      NODE_EXTRA_CA_CERTS: proxy.certificateFile,
    })
    receiver.close()
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(proxy.asked).toEqual(['CONNECT hook.example:443'])
    expect(heard).toEqual(['hook.example/by-proxy', `${new URL(local).host}/directly`])
  })

  it('the command line reaches its server by it, but never its own machine', async () => {
    await using proxy = await startConnectProxy({ 'latchwork.example': 'http://127.0.0.1:9' })
    using shell = new Shell()
    const env = {
      HOME: shell.home,
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: proxy.certificateFile,
      LATCHWORK_TOKEN_FILE: shell.secretFile('a token'),
    }
    await runNode([cli, 'credential', 'list', '--server', 'https://latchwork.example'], env)
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT latchwork.example:443']))
    const before = proxy.asked.length
    const local = await runNode([cli, 'credential', 'list', '--server', 'https://localhost:9'], env)
    expect(local.code).not.toBe(0)
    expect(proxy.asked).toHaveLength(before)
  })

  it('nothing was sent where the proxy refuses: a create is not in doubt, and neither is a refresh token', async () => {
    const proxy = createServer((_, answer) => answer.writeHead(400).end())
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = proxy.address()
    const script = `
      import { useOutboundProxies } from ${JSON.stringify(join(server, 'settings/outbound-proxy.ts'))}
      import { fetchFailure } from ${JSON.stringify(join(server, 'credentials/tokens/fetch-failure.ts'))}
      import { createCloseClient } from ${JSON.stringify(join(server, '../../close/src/index.ts'))}
      import { closeFailure } from ${JSON.stringify(join(server, '../../connectors/src/close/failures.ts'))}
      useOutboundProxies(process.env)
      const apiUrl = 'https://api.close.example'
      const authorize = async () => ({ type: 'api_key', apiKey: 'key' })
      const client = createCloseClient({ apiUrl, authorize, retry: { maxAttempts: 2, baseDelayMs: 1 } })
      const failed = await client.leads.create({ name: 'Acme' }).catch((error) => error)
      const { code, message } = closeFailure(failed, { method: 'api_key' }, { apiUrl })
      const token = fetchFailure(await fetch(apiUrl).catch((error) => error))
      console.log(JSON.stringify({ sent: failed.code, code, message, token }))
    `
    const ended = await runNode(['--input-type=module', '-e', script], {
      HTTPS_PROXY: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    })
    proxy.close()
    expect(ended.stderr).toBe('')
    expect(JSON.parse(ended.stdout)).toEqual({
      sent: 'unreachable',
      code: 'unreachable',
      message: "We couldn't reach Close (api.close.example): the proxy on the way there answered 407.",
      token: 'not_sent',
    })
  })

  it('a proxy that is no address stops the server, which does not repeat it', async () => {
    const ended = await runNode([join(server, 'main.ts')], { HTTPS_PROXY: 'proxy-user:proxy-password@proxy' })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('HTTPS_PROXY must be the address of a proxy')
    expect(ended.stderr).not.toContain('proxy-password')
  })
})
