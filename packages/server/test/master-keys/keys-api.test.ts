import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { problem } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
let server: Running
beforeAll(async () => {
  sandbox = await startSandbox()
  server = await startRunning(sandbox)
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
})

describe('/api/keys', () => {
  it('is for administrators', async () => {
    expect((await problem(server.browser().client.keys.list())).code).toBe('not_signed_in')
  })

  it('rotates while people work, and retires the old key; a restart finds all in order', async () => {
    const person = await server.signedIn()
    const { keys, settings } = person.client
    const before = (await settings.get()).masterKeyFingerprint
    const first = await keys.list()
    expect(first).toMatchObject({ rotation: null, quarantined: [], canAdd: true, origin: 'file' })
    expect(first.items).toMatchObject([{ id: before, state: 'active', ageDays: 0, warnings: [] }])

    // What is left of a session that was ended holds nothing that could be sealed.
    await server.signedIn()
    expect(await person.client.signIns.endOthers()).toEqual({ ended: 1 })
    await keys.rotate()
    const finished = await vi.waitFor(
      async () => {
        const list = await keys.list()
        expect(list.rotation?.finishedAt).toMatch(/^2/)
        return list
      },
      { timeout: 20_000, interval: 50 },
    )
    expect(finished).toMatchObject({ rotation: { remaining: 0 }, quarantined: [] })
    const active = finished.items.find((key) => key.state === 'active')
    expect(active?.id).not.toBe(before)
    expect((await settings.get()).masterKeyFingerprint).toBe(active?.id)
    expect(finished.items.find((key) => key.id === before)).toMatchObject({ state: 'readable', rows: 0 })

    expect((await problem(keys.retire({ params: { id: active?.id ?? '' } }))).code).toBe('master_key_in_use')
    const retired = await keys.retire({ params: { id: before } })
    expect(retired.items.find((key) => key.id === before)?.state).toBe('retired')

    await server.restart()
    const again = server.browser()
    for (const [host, jar] of person.cookies) again.cookies.set(host, jar)
    expect((await again.client.session.get()).user).not.toBeNull() // the session was encrypted again, not lost
    expect(server.log.join('')).not.toContain('lw-key-1:')
  })
})
