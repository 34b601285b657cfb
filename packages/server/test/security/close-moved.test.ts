import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startSandbox } from 'close-sandbox'
import { expect, it } from 'vitest'
import { closeCredential } from '../flows/moving.ts'
import { type Running, startRunning } from '../running.ts'

it('#51 what was stored for one origin of Close goes to no other, as after restoring it elsewhere, until a person names both', async () => {
  const sandbox = await startSandbox({ leads: 1 })
  const arrived: string[] = []
  const elsewhere = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.end('{}')
  })
  elsewhere.listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const { port } = elsewhere.address() as AddressInfo // of a TCP server that listens
  const other = `http://127.0.0.1:${port}`
  const first = await startRunning(sandbox)
  try {
    const { client } = await first.signedIn()
    const id = await closeCredential(client, sandbox)
    const { dataDir } = first
    const place = { dataDir, masterKeyFile: join(dataDir, 'master.key') }
    await first.app.close()

    /** The browser trusts the certificate of the folder that its server was given first. */
    const signedIn = (server: Running) => {
      cpSync(join(dataDir, 'tls'), join(server.dataDir, 'tls'), { recursive: true })
      return server.signedIn()
    }
    const start = (closeMovedFrom?: string) =>
      startRunning(null, { settings: { ...place, closeApiUrl: other, closeMovedFrom } })
    for (const wrong of [undefined, other, 'https://api.close.com']) {
      await expect(start(wrong)).rejects.toMatchObject({
        code: 'secret_destination_changed',
        message: expect.stringContaining(
          `were made for ${sandbox.apiUrl}, and would now be sent to ${other}`,
        ),
      })
    }
    expect(arrived).toEqual([])

    // Where it was made for, all is as before.
    const same = await startRunning(sandbox, { settings: place })
    const again = await signedIn(same)
    expect(await again.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
    await same.app.close()

    const moved = await start(sandbox.apiUrl)
    const boss = await signedIn(moved)
    const [entry] = (await boss.client.audit.list({ query: { action: 'connector.moved' } })).items
    expect(entry).toMatchObject({
      actor: { kind: 'system' },
      before: { origin: sandbox.apiUrl },
      after: { origin: other },
    })
    await boss.client.credentials.check({ params: { id } })
    expect(arrived.length).toBeGreaterThan(0)
    await moved.app.close()
    // Said once.
    await (await start()).app.close()
  } finally {
    await first.stop()
    elsewhere.close()
    await sandbox.close()
  }
})

it('a server without credentials may be pointed anywhere', async () => {
  const first = await startRunning(null)
  const { dataDir } = first
  await first.app.close()
  const place = { dataDir, masterKeyFile: join(dataDir, 'master.key') }
  const second = await startRunning(null, { settings: { ...place, closeApiUrl: 'http://127.0.0.1:10' } })
  await second.app.close()
  await first.stop()
})
