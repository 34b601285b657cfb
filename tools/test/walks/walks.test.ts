import { beforeAll, expect, it } from 'vitest'
import type { Browser } from '../../../packages/server/test/browser.ts'
import type { WithClose } from '../../../packages/server/test/with-close.ts'
import { callsOf, noteCalls } from './calls.ts'
import { faultsOfCalls, faultsOfText, readWalks } from './walks.ts'

const walks = readWalks()
let started: WithClose
let person: Browser
let aheadMs = 0
let runFlow: (flowId: string) => Promise<unknown>
let makeFlow: (credentialId: string) => Promise<string>
let authorized: () => Promise<string>

beforeAll(async () => {
  noteCalls()
  // Imported now, so that their calls are noted.
  const { startWithClose } = await import('../../../packages/server/test/with-close.ts')
  const { consent } = await import('../../../packages/server/test/browser.ts')
  const moving = await import('../../../packages/server/test/flows/moving.ts')
  const clock = {
    now: () => Date.now() + aheadMs,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  }
  started = await startWithClose({ leads: 5, clock, closeListLagMs: 300 })
  person = started.person
  runFlow = (flowId) => moving.runFlow(person.client, flowId)
  makeFlow = (credentialId) =>
    moving.makeFlow(
      person.client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: 'leads.jsonl', format: 'jsonl' } },
    )
  authorized = async () => {
    const { oauthApps, organizations } = started.sandbox
    const { clientId = '', clientSecret = '' } = oauthApps[0] ?? {}
    const { credentials } = person.client
    const { id } = await credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    const { authorizeUrl } = await credentials.authorize({ params: { id }, body: { display: 'popup' } })
    const organizationId = organizations[0]?.id ?? ''
    await person.fetch(await consent(person, authorizeUrl, { decision: 'allow', organizationId }))
    await credentials.save({ params: { id }, body: { name: 'Authorized' } })
    return id
  }
  return started.stop
}, 60_000)

it('there are four, which enter no room twice and name what is there', () => {
  expect(walks.map(({ title }) => title)).toEqual([
    'An API key, from the form to the store',
    'A token, from Close to a run',
    'A record, from Close to a file',
    'A request, to its row',
  ])
  expect(walks.flatMap(faultsOfText)).toEqual([])
})

it('an API key goes as it says', async () => {
  const apiKey = started.sandbox.apiKeys[0]?.key ?? ''
  const body = { connector: 'close', method: 'api_key', name: 'Key', values: { apiKey } } as const
  const calls = await callsOf(() => person.client.credentials.create({ body }))
  expect(walks.slice(0, 1).flatMap((walk) => faultsOfCalls(walk, calls, 'calls'))).toEqual([])
})

it('a token and a record go as they say', async () => {
  const flowId = await makeFlow(await authorized())
  // So late that the token has to be refreshed.
  aheadMs = 3_590_000
  started.sandbox.control.advanceClock(aheadMs)
  const calls = await callsOf(() => runFlow(flowId))
  expect(walks.slice(1, 3).flatMap((walk) => faultsOfCalls(walk, calls, 'handed on'))).toEqual([])
})

it('a request goes as it says', async () => {
  const { items } = await person.client.files.list({})
  const id = items[0]?.id ?? ''
  const calls = await callsOf(() => person.client.files.delete({ params: { id } }))
  expect(walks.slice(3).flatMap((walk) => faultsOfCalls(walk, calls, 'calls'))).toEqual([])
})
