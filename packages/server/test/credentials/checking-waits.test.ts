import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Served, serve } from '../torture/served.ts'

let served: Served
beforeAll(async () => {
  served = await serve('sqlite')
})
afterAll(() => served?.[Symbol.asyncDispose]())

// The check itself may take 25 s.
it('a check answers within its limit though another process has the lease, and says so', {
  timeout: 90_000,
}, async () => {
  const [id = ''] = await served.credentials(1)
  const { stores } = served.server.app
  const { tables } = stores.database
  const lease = { leaseOwner: 'a dead process', leaseExpiresAt: Date.now() + 300_000 }
  await tables
    .updateTable('credentials')
    .set({ ...lease, accessTokenExpiresAt: 1 })
    .execute()
  const params = { id }
  // The browser of these tests gives up after 30 seconds.
  const { status, reason } = await served.person.client.credentials.check({ params })
  expect([status, reason?.code]).toEqual(['unverified', 'unreachable'])
  expect(reason?.message).toMatch(/^This sign-in is being renewed, .* Check again in 2\d\d s\.$/)
  expect(served.sent().token).toBe(0)
  await tables.updateTable('credentials').set({ leaseOwner: null, leaseExpiresAt: null }).execute()
  expect(await served.person.client.credentials.check({ params })).toMatchObject({ status: 'verified' })
})
