import { beforeAll, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { closeCredential, makeFlow, runFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose, type WithClose } from '../with-close.ts'

let made: WithClose
let boss: Browser
let server: Running
beforeAll(async () => {
  made = await startWithClose({ leads: 1 })
  ;({ person: boss, server } = made)
  return made.stop
})

const entries = async (action: string) => (await boss.client.audit.list({ query: { action } })).items

it('#55 the entry of who ran a flow names the run, which itself names nobody by a name of their choice', async () => {
  const credentialId = await closeCredential(boss.client, made.sandbox)
  const flowId = await makeFlow(
    boss.client,
    { connector: 'close', credentialId, config: { object: 'users' } },
    { connector: 'files', credentialId: null, config: { file: 'users.jsonl', format: 'jsonl' } },
  )
  await boss.client.profile.rename({ body: { name: 'Somebody Else' } })
  const run = await runFlow(boss.client, flowId)
  const { user } = await boss.client.session.get()
  expect((await entries('flow.run'))[0]).toMatchObject({
    object: { id: flowId },
    actor: { id: user?.id, email: user?.email },
    after: { run: run.id },
  })
  const [started] = await entries('run.start')
  expect(started).toMatchObject({ object: { id: run.id }, after: { flowId } })
  expect(JSON.stringify(started)).not.toContain('Somebody Else')
})

it('#55 a refused sign-in is logged with the address that was tried', async () => {
  const body = { email: 'Guessed@hollowoak.example', password: 'a guess of a pass phrase' }
  expect(await problem(server.browser().client.session.signIn({ body }))).toMatchObject({
    code: 'sign_in_failed',
  })
  const [refused] = await entries('session.sign_in')
  expect(refused).toMatchObject({ result: 'refused', after: { email: body.email } })
  expect(JSON.stringify(refused)).not.toContain(body.password)
})
