import { afterAll, beforeAll, expect, it } from 'vitest'
import { AuthorizationGround } from './authorization-ground.ts'

let ground: AuthorizationGround
beforeAll(async () => {
  ground = await AuthorizationGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

it('#55 a scope that changes together with the secret of the app is in the entry of that change', async () => {
  const { credentials, audit } = ground.person.client
  const { id } = await ground.draft({ scope: 'all.full_access' })
  expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
  const params = { id }
  await credentials.save({ params, body: { name: 'App' } })
  const { clientSecret } = ground.app()
  const values = { clientSecret, scope: 'all.full_access offline_access' }
  const changed = await credentials.secrets({ params, body: { values } })
  expect(changed.values['scope']).toBe(values.scope)
  const [entry] = (await audit.list({ query: { action: 'credential.secrets' } })).items
  expect(entry).toMatchObject({
    result: 'ok',
    before: { values: { scope: 'all.full_access' } },
    after: { values: { scope: values.scope } },
  })
})
