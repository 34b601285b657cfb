import { inspect } from 'node:util'
import { secretForms } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { delays, floods, lies, type Manner, startHostileHttp } from 'close-sandbox/hostile'
import { describe, expect, it } from 'vitest'
import { postWebhook } from '../../src/health/webhook.ts'

/* A receiver of alerts as bad as a server can be. Its status is all that is taken of what it answers. */
const secret = new Secret('webhook/canary+4417')
const path = '/hook/canary-of-the-path-4417'

async function posted(manner: Manner, timeoutMs: number) {
  await using server = await startHostileHttp(manner)
  const to = { url: `${server.url}${path}`, secret }
  const error = await postWebhook(to, 'alrt_1', { title: 'Title' }, 0, timeoutMs).then(
    () => null,
    (failure: unknown) => failure,
  )
  expect(server.received).toHaveLength(1)
  await server.left()
  return { error, sentBytes: server.sentBytes() }
}

function expectLine(error: unknown): void {
  expect(error).toMatchObject({ message: expect.stringMatching(/^[^\p{Cc}\u202e]{5,200}$/u) })
  const shown = inspect(error, { depth: 9, showHidden: true })
  for (const form of [secret.reveal(), path].flatMap((each) => secretForms(each))) {
    expect(shown).not.toContain(form)
  }
}

describe('a hostile webhook', () => {
  it.each(Object.entries(floods))('#46 #56 with %s is left after its status', async (what, flood) => {
    const { error, sentBytes } = await posted(flood.manner, 20_000)
    if (what.includes('header') || what.includes('error')) expectLine(error)
    else expect(error).toBeNull()
    expect(sentBytes).toBeLessThan(flood.mostBytes)
  })

  it.each(Object.entries(delays))(
    '#46 with %s is given up, or left after its status',
    async (what, manner) => {
      const { error } = await posted(manner, 150)
      if (what === 'a body drop by drop') expect(error).toBeNull()
      else expectLine(error)
    },
  )

  it.each(Object.entries(lies))('#25 #41 with %s is not followed or repeated', async (what, manner) => {
    const { error } = await posted(manner, 20_000)
    if (/HTML|UTF-8|success/.test(what)) expect(error).toBeNull()
    else expectLine(error)
  })
})
