import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import { MasterKeyService } from '../../src/master-keys/master-keys.ts'
import { openKeys } from '../../src/master-keys/open.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { openTestStores } from '../database/database.ts'
import { newCredential } from '../database/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-start-'))
const tokenFile = join(folder, 'token')
const bodySchema = z.object({
  plaintext: z.string().optional(),
  ciphertext: z.string().optional(),
  associated_data: z.string(),
})

/** Stands in for a transit engine: keeps what it was given under a name that it makes up. */
const held = new Map<string, string>()
const transit = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { plaintext, ciphertext, associated_data } = bodySchema.parse(JSON.parse(body))
  const name = `vault:v1:${randomUUID()}`
  if (plaintext !== undefined) held.set(`${name} ${associated_data}`, plaintext)
  const found = held.get(`${ciphertext} ${associated_data}`)
  const known =
    request.headers['x-vault-token'] === 'a-token' && (plaintext !== undefined || found !== undefined)
  const data = plaintext === undefined ? { plaintext: found } : { ciphertext: name }
  response.writeHead(known ? 200 : 400).end(JSON.stringify({ data }))
})
let kms: { keys: string[]; tokenFile: string }
beforeAll(async () => {
  writeFileSync(tokenFile, 'a-token\n', { mode: 0o600 })
  await new Promise<void>((resolve) => transit.listen(0, '127.0.0.1', resolve))
  const address = transit.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  kms = { keys: [`vault:http://127.0.0.1:${port}/transit/latchwork`], tokenFile }
})
afterAll(() => {
  transit.closeAllConnections()
  transit.close()
  rmSync(folder, { recursive: true, force: true })
})

it('moves from a key file to a key service; without the service the server does not start, key file or not', async () => {
  await using place = await openTestStores()
  const { stores } = place
  const own = { masterKey: null, kms: null, masterKeyFile: join(folder, 'master.key') }
  const before = await openKeys(own, stores)
  const old = before.vault.keyId
  const row = newCredential()
  const sealed = await before.vault.seal(placeOf(row.id, 1), { apiKey: new Secret('a value') })
  await stores.credentials.insert({ ...row, sealed })
  await before.drain()

  const withService = { ...own, kms }
  const keys = await openKeys(withService, stores)
  expect(keys.vault.keyId).not.toBe(old)
  expect((await keys.vault.open(placeOf(row.id, 1), sealed, 'apiKey')).reveal()).toBe('a value')
  const log = { info: () => undefined, warn: () => undefined }
  const clock = { now: () => Date.now(), sleep: async () => undefined }
  const service = new MasterKeyService({ stores, keys, log, clock })
  await expect(service.add()).rejects.toMatchObject({ code: 'master_key_not_addable' })
  await service.changeOver()
  await service.reencrypt(new AbortController().signal)
  const { items } = await service.retire(old)
  expect(items.map(({ id, state }) => [id, state])).toEqual([
    [old, 'retired'],
    [keys.vault.keyId, 'active'],
  ])
  await keys.drain()

  const again = await openKeys(withService, stores)
  const stored = await stores.credentials.find(row.id)
  if (stored === null) throw new Error('the credential is gone')
  expect((await again.vault.open(placeOfRow(stored), stored.sealed, 'apiKey')).reveal()).toBe('a value')
  await again.drain()

  writeFileSync(tokenFile, 'another-token\n')
  expect(existsSync(own.masterKeyFile)).toBe(true)
  await expect(openKeys(withService, stores)).rejects.toMatchObject({ code: 'kms_unavailable' })
  await expect(openKeys(own, stores)).rejects.toMatchObject({ code: 'master_key_wrong' })
  writeFileSync(tokenFile, 'a-token\n', { mode: 0o600 })
})

it('is set by LATCHWORK_KMS', () => {
  const key = 'vault:https://vault.hollowoak.example/transit/latchwork'
  const env = {
    LATCHWORK_KMS: `${key}  aws-kms:eu-west-1/alias/latchwork`,
    LATCHWORK_KMS_TOKEN_FILE: tokenFile,
  }
  expect(readSettings(env).kms).toEqual({ keys: [key, 'aws-kms:eu-west-1/alias/latchwork'], tokenFile })
  expect(readSettings({}).kms).toBeNull()
  expect(() => readSettings({ LATCHWORK_KMS: key })).toThrow('LATCHWORK_KMS_TOKEN_FILE')
})
