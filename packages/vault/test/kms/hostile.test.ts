import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { secretForms } from '@latchwork/contract'
import { delays, floods, type HostileHttp, lies, type Manner, startHostileHttp } from 'close-sandbox/hostile'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { KeyProvider } from '../../src/index.ts'
import { openService } from '../../src/kms/open.ts'
import { createServiceProvider } from '../../src/kms/service.ts'
import { googleIdentity, services } from './services.ts'

/* A key service as bad as a server can be: each use of it ends, in a line, without what it was sent. */
const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-'))
const tokenFile = join(folder, 'token')
const token = 'token-canary/4417+word'
const session = 'session/canary+4417'

beforeAll(() => {
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'an invented secret')
  vi.stubEnv('AWS_SESSION_TOKEN', session)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const lent = { access_token: 'lent-canary/4417', token_type: 'Bearer', expires_in: 3600 }
const lends = (request: string) => (request.startsWith('POST /token ') ? lent : null)

/** `serve`: what is answered well all the same. */
const places = Object.entries(services).map(([title, { name }]) => ({ title, name, serve: lends }))
function usesOf(name: (url: string) => string, serve: (request: string) => object | null) {
  async function open(server: HostileHttp, timeoutMs: number): Promise<KeyProvider> {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', googleIdentity(folder, server.url))
    const service = await openService(name(server.url), { tokenFile, endpoint: server.url })
    return createServiceProvider(service, undefined, timeoutMs)
  }

  async function fails(
    manner: Manner,
    timeoutMs: number,
    look?: (server: HostileHttp) => void,
  ): Promise<void> {
    await using server = await startHostileHttp(manner, serve)
    const provider = await open(server, timeoutMs)
    const dataKey = randomBytes(32)
    const wrapped = `lwk.${provider.activeKeyId}.${Buffer.from('vault:v1:AAAA').toString('base64url')}`
    for (const use of [() => provider.wrap(dataKey), () => provider.unwrap(wrapped)]) {
      const error: unknown = await use().catch((failure: unknown) => failure)
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(kms_unavailable|secret_unreadable)$/),
        message: expect.stringMatching(/^[^\p{Cc}\u202e]{20,500}$/u),
      })
      const shown = inspect(error, { depth: 9, showHidden: true })
      const sent = [token, session, lent.access_token, dataKey.toString('base64'), 'an invented secret']
      for (const form of sent.flatMap((each) => secretForms(each))) expect(shown).not.toContain(form)
    }
    look?.(server)
    expect(server.received.filter((request) => request.includes('/elsewhere'))).toEqual([])
  }

  return fails
}

// Google's library asks for a token of its own first: what it takes is limited here too.
const lender = {
  title: 'the lender of tokens',
  name: services['Google Cloud KMS'].name,
  serve: (): object | null => null,
}

describe.each([...places, lender])('$title', ({ name, serve }) => {
  const fails = usesOf(name, serve)

  it.each(Object.entries(floods))('#46 #56 with %s is left long before', async (_, flood) => {
    await fails(flood.manner, 20_000, (server) => expect(server.sentBytes()).toBeLessThan(flood.mostBytes))
  })

  it.each(Object.entries(lies))('#25 #41 with %s is an error of a line', async (_, manner) => {
    await fails(manner, 20_000)
  })

  it.each(Object.entries(delays))('#46 with %s is given up', async (_, manner) => {
    await fails(manner, 150)
  })
})
