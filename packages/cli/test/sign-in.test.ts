import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../src/connection.ts'
import { Shell } from './command.ts'
import { admin, type Product, startProduct } from './server.ts'
import { fingerprint, signedInShell, signIn } from './signing-in.ts'

/** Of a machine that calls itself localhost too. */
const otherCertificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUHOyIewYUyhZFz2lmRep/cLPxjYwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZWxzZXdoZXJlMCAXDTI2MTEyMzIyMDgxN1oYDzIxMjYxMDMw
MjIwODE3WjAUMRIwEAYDVQQDDAllbHNld2hlcmUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQcF8TmFMatVREp9FWjpc//3tNe5Xp7gSrcwDvyHdkstOXfMi+4vbI2
Ky7cu4EQaFlq+89I+l9NcT00v3ajoA2Fo2kwZzAdBgNVHQ4EFgQU/frcPKww66Cx
VhRp6s33NJjxHVIwHwYDVR0jBBgwFoAU/frcPKww66CxVhRp6s33NJjxHVIwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAOYBCpu+GD0b45d++trlRxld76vks9I+yRhAPAjdDB8IAiB10a1mpbM6
esWlx5a+J3fQPDH61CAAQw+OFbLMb9WeJg==
-----END CERTIFICATE-----
`

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product?.[Symbol.asyncDispose]())

describe('latchwork login', () => {
  it('#32 signs in by a code that a person confirms in the browser, until logout', async () => {
    using shell = new Shell()
    const signedIn = await signIn(shell, product)
    expect(signedIn).toMatchObject({ code: 0 })
    expect(signedIn.stdout).toBe(`Signed in to ${product.url} as Administrator (${admin.email}).\n`)
    expect(signedIn.stderr).toMatch(/ {2}[B-Z]{4}-[B-Z]{4}\n/)

    const who = await shell.run(['whoami'])
    expect(who.stdout).toContain(admin.email)
    const { items } = await product.person.client.tokens.list()
    const token = items.find(({ name }) => name === `Command line on ${hostname()}`)
    expect(shell.config()).toContain(token?.id)
    const secret = /"token": "(lw_[^"]+)"/.exec(shell.config())?.[1] ?? 'no token is kept'
    expect(secret.slice(-4)).toBe(token?.suffix)
    expect(shell.modeOf('latchwork/config.json')).toBe('600')
    expect(shell.modeOf('latchwork')).toBe('700')
    expect(shell.seen.join('')).not.toContain(secret)

    expect((await shell.run(['logout'])).code).toBe(0)
    expect(shell.config()).not.toContain(secret)
    const left = await product.person.client.tokens.list()
    expect(left.items.map(({ id }) => id)).not.toContain(token?.id)
    expect(await shell.run(['whoami'])).toMatchObject({ code: 3, stdout: '' })
  })

  it('ends with 4 when the person refuses, and keeps nothing', async () => {
    using shell = new Shell()
    const login = shell.start(['login', product.url, '--ca', product.certificateFile])
    const [, userCode = ''] = await login.said(/\/device\?code=(\S+)/)
    await product.person.client.devices.decide({ body: { userCode, allow: false } })
    expect(await login.ended).toMatchObject({ code: 4, stdout: '' })
    expect((await login.ended).stderr).toContain('access_denied')
    expect((await shell.run(['whoami', '--server', product.url])).code).toBe(3)
  })

  it('ends with 130 on Ctrl-C', async () => {
    using shell = new Shell()
    const login = shell.start(['login', product.url, '--ca', product.certificateFile])
    await login.said(/Waiting/)
    login.interrupt()
    expect((await login.ended).code).toBe(130)
  })

  it('ends with 3 once the token is revoked', async () => {
    using shell = await signedInShell(product)
    const id = /"tokenId": ?"([^"]+)"/.exec(shell.config())?.[1] ?? ''
    await product.person.client.tokens.delete({ params: { id } })
    const refused = await shell.run(['credential', 'list'])
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(refused.stderr).toContain('latchwork login')
    expect((await shell.run(['logout'])).code).toBe(0)
  })

  it('reads no tokens of its own that others can read', async () => {
    using shell = await signedInShell(product)
    for (const mode of [0o604, 0o640, 0o666]) {
      chmodSync(shell.configFile, mode)
      const exposed = await shell.run(['whoami'])
      expect(exposed).toMatchObject({ code: 2, stdout: '' })
      expect(exposed.stderr).toContain('Run chmod 600 on it.')
    }
    chmodSync(shell.configFile, 0o600)
    expect(await shell.run(['whoami'])).toMatchObject({ code: 0 })
  })

  it('takes a token from a file for programs', async () => {
    using shell = await signedInShell(product)
    const { secret } = await product.person.client.tokens.create({ body: { name: 'a job' } })
    const file = join(shell.home, 'token')
    writeFileSync(file, `${secret}\n`, { mode: 0o600 })
    await shell.run(['logout'])
    const env = { LATCHWORK_TOKEN_FILE: file }
    expect(await shell.run(['whoami'], { env })).toMatchObject({ code: 0 })
    chmodSync(file, 0o640)
    const exposed = await shell.run(['whoami'], { env })
    expect(exposed).toMatchObject({ code: 2, stdout: '' })
    expect(exposed.stderr).toContain(
      `The file ${file} can be read by others (mode 640). Run chmod 600 on it.`,
    )
    expect(shell.seen.join('')).not.toContain(secret)
  })
})

describe("the server's certificate", () => {
  it('is trusted by a file for programs, on a machine where nobody has signed in', async () => {
    using shell = new Shell()
    const { secret } = await product.person.client.tokens.create({ body: { name: 'a machine' } })
    const env = { LATCHWORK_TOKEN_FILE: shell.secretFile(secret), LATCHWORK_SERVER: product.url }
    expect(await shell.run(['whoami'], { env })).toMatchObject({ code: 6, stdout: '' })
    const LATCHWORK_CA_FILE = join(product.dataDir, 'tls/cert.pem')
    expect(await shell.run(['whoami'], { env: { ...env, LATCHWORK_CA_FILE } })).toMatchObject({ code: 0 })
    const nothing = await shell.run(['whoami'], { env: { ...env, LATCHWORK_CA_FILE: '/nowhere.pem' } })
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("/nowhere.pem can't be read") })
  })

  it('is shown and not trusted where nobody can compare it', async () => {
    using shell = new Shell()
    const login = await shell.run(['login', product.url])
    expect(login).toMatchObject({ code: 6, stdout: '' })
    expect(login.stderr).toContain(fingerprint(product))
    expect(login.stderr).not.toContain('/device')
  })

  it('is refused with another fingerprint than given, and with another authority', async () => {
    using shell = new Shell()
    const wrong = fingerprint(product).replace(/^../, (first) => (first === '00' ? '01' : '00'))
    const login = await shell.run(['login', product.url, '--fingerprint', wrong])
    expect(login).toMatchObject({ code: 6 })
    expect(login.stderr).toContain(fingerprint(product))
    const other = join(shell.home, 'nothing.pem')
    writeFileSync(other, 'not a certificate')
    expect((await shell.run(['login', product.url, '--ca', other])).code).toBe(2)
  })

  it('that is another than before gets no token', async () => {
    using shell = await signedInShell(product)
    // As if the server had shown another one when it was trusted.
    const before = JSON.parse(shell.config())
    before.servers[product.url].certificate = otherCertificate
    writeFileSync(shell.configFile, JSON.stringify(before))
    const refused = await shell.run(['credential', 'list'])
    expect(refused).toMatchObject({ code: 6, stdout: '' })
    expect(refused.stderr).toContain('latchwork login')
    const again = await shell.run(['login'])
    expect(again).toMatchObject({ code: 6, stdout: '' })
    expect(again.stderr).toContain('another certificate than before')
    expect(again.stderr).toContain(fingerprint(product))
    expect(again.stderr).toContain(fingerprintOf(otherCertificate))
  })

  it('has to be of the address that is asked', async () => {
    using shell = new Shell()
    const address = product.url.replace('localhost', '[::ffff:127.0.0.1]')
    const login = await shell.run(['login', address, '--ca', product.certificateFile])
    expect(login).toMatchObject({ code: 6, stdout: '' })
  })
})

it('says that a server is out of reach, with 5', async () => {
  using shell = new Shell()
  const closed = createServer().listen(0)
  const address = closed.address()
  const port = typeof address === 'object' && address !== null ? address.port : 9
  closed.close()
  expect((await shell.run(['login', `https://localhost:${port}`])).code).toBe(5)
  expect((await shell.run(['login', 'http://localhost:1'])).code).toBe(2)
})
