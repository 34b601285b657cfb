import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import SqliteFile from 'better-sqlite3'
import { expect, it, vi } from 'vitest'
import { serverProgram } from '../../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { openStores } from '../../src/app/stores.ts'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import { openKeys } from '../../src/master-keys/open.ts'
import { makeSqlitePlace } from '../database/database.ts'
import { newCredential } from '../database/samples.ts'

const rows = 1500
const rotated = /(\d+) values re-encrypted, (\d+) on other keys/

it('#36 a rotation that was killed continues, and ends with nothing on the old key', async () => {
  const { settings, remove } = await makeSqlitePlace()
  const keySettings = { masterKey: null, kms: null, masterKeyFile: join(settings.dataDir, 'master.key') }
  const ids: string[] = []
  const stores = await openStores(settings)
  const before = await openKeys(keySettings, stores)
  for (let at = 0; at < rows; at++) {
    const row = newCredential()
    const sealed = await before.vault.seal(placeOf(row.id, 1), { apiKey: new Secret(`secret number ${at}`) })
    ids.push((await stores.credentials.insert({ ...row, sealed })).id)
  }
  const old = before.vault.keyId
  await before.drain()
  await stores.close()

  const program = await serverProgram()
  const rotate = () =>
    spawn(process.execPath, [program, 'keys', 'rotate'], {
      env: { ...bareEnvironment(), NODE_NO_WARNINGS: '1', LATCHWORK_DATA_DIR: settings.dataDir },
    })
  const killed = rotate()
  const file = new SqliteFile(join(settings.dataDir, 'latchwork.db'), { readonly: true })
  const left = file.prepare<[string], number>('select count(*) from credentials where sealed like ?').pluck()
  const onOldKey = () => left.get(`%lw1.${old}.%`) ?? 0
  await vi.waitUntil(() => onOldKey() < rows, { timeout: 25_000, interval: 2 })
  killed.kill('SIGKILL')
  await once(killed, 'close')
  expect(onOldKey()).toBeGreaterThan(0)

  const second = rotate()
  let out = ''
  second.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  await once(second, 'close')
  expect(rotated.exec(out)?.[2]).toBe('0')
  expect(onOldKey()).toBe(0)
  file.close()

  const again = await openStores(settings)
  const after = await openKeys(keySettings, again)
  for (const [at, id] of ids.entries()) {
    const row = await again.credentials.find(id)
    if (row === null) throw new Error('a credential is gone')
    const secret = await after.vault.open(placeOfRow(row), row.sealed, 'apiKey')
    expect(secret.reveal()).toBe(`secret number ${at}`)
  }
  await after.drain()
  await again.close()
  await remove()
}, 90_000)
