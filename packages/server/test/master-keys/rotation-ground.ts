import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@latchwork/contract'
import { Secret, type Secrets } from '@latchwork/vault'
import type { OpenStores } from '../../src/app/stores.ts'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import type { CredentialRow } from '../../src/credentials/store/row.ts'
import { RetainedRecords } from '../../src/flows/runs/retained-records.ts'
import { sealWrite } from '../../src/gateway/confirm/held-write.ts'
import { type KeyLimits, MasterKeyService } from '../../src/master-keys/master-keys.ts'
import { type OpenKeys, openKeys } from '../../src/master-keys/open.ts'
import { type MakePlace, openTestStores } from '../database/database.ts'
import { insertFlow, newCredential, newPass, saveBatch, takeUp } from '../database/samples.ts'

export interface Scene extends AsyncDisposable {
  readonly stores: OpenStores
  readonly keys: OpenKeys
  readonly service: MasterKeyService
  readonly settings: { masterKey: null; kms: null; masterKeyFile: string }
  reopen(): Promise<OpenKeys>
}

export async function openScene(
  makePlace: MakePlace,
  nowMs = Date.now(),
  limits?: KeyLimits,
): Promise<Scene> {
  const place = await openTestStores(makePlace)
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-rotation-'))
  const settings = { masterKey: null, kms: null, masterKeyFile: join(folder, 'master.key') }
  const keys = await openKeys(settings, place.stores)
  const log = { info: () => undefined, warn: () => undefined }
  const clock = { now: () => nowMs, sleep: async () => undefined }
  const parts = { stores: place.stores, keys, log, clock, ...(limits === undefined ? {} : { limits }) }
  return {
    stores: place.stores,
    keys,
    settings,
    service: new MasterKeyService(parts),
    reopen: () => openKeys(settings, place.stores),
    [Symbol.asyncDispose]: async () => {
      await keys.drain()
      await place[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function addCredential({ stores, keys }: Scene, secrets: Secrets): Promise<CredentialRow> {
  const row = newCredential()
  const sealed = await keys.vault.seal(placeOf(row.id, 1), secrets)
  return stores.credentials.insert({ ...row, sealed })
}

export async function addCredentials(scene: Scene, count: number): Promise<CredentialRow[]> {
  const rows: CredentialRow[] = []
  for (let at = 0; at < count; at++) {
    rows.push(await addCredential(scene, { apiKey: new Secret(`secret number ${at}`) }))
  }
  return rows
}

export async function read({ stores, keys }: Scene, id: string): Promise<string> {
  const row = await stores.credentials.find(id)
  if (row === null) throw new Error('the credential is gone')
  return (await keys.vault.open(placeOfRow(row), row.sealed, 'apiKey')).reveal()
}

/** A run under way, of which something is kept. */
export async function runWithRecords({ stores, keys }: Scene) {
  const { flow } = await insertFlow(stores)
  const { id } = await stores.runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
  const held = await takeUp(stores, id)
  const log = { warn: () => undefined }
  const kept = new RetainedRecords({ store: stores.records, vault: keys.vault, log })
  const sealer = await kept.sealer(id)
  const progress = {
    recordsRead: 1,
    recordsWritten: 1,
    recordsRefused: 0,
    recordsCreated: 0,
    pages: 1,
    checkpoint: null,
  }
  await saveBatch(stores, held, progress, { last: sealer.last('leads', 'records', '[{"name":"Marisol"}]') })
  return { id, held, kept, sealer }
}

/** A write of a pass that waits for a person. */
export async function insertWrite({ stores, keys }: Scene, credentialId: string) {
  const { id: passId } = await stores.passes.insert(newPass({ credentialId }))
  const id = newId('write')
  const held = { asked: { method: 'POST', url: '/api/v1/lead/', body: { name: 'x' } }, address: '192.0.2.7' }
  const sealed = await sealWrite(keys.vault, id, held)
  await stores.passWrites.insert({ id, passId, method: 'POST', path: '/lead/', sealed }, 1, 60_000)
  const row = async () => {
    const found = await stores.passWrites.find(passId, id)
    if (found === null) throw new Error('it waits')
    return found
  }
  return { id, held, row }
}
