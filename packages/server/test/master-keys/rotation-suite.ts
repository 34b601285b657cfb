import { Secret } from '@latchwork/vault'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import { openWrite } from '../../src/gateway/confirm/held-write.ts'
import { sealedSessionStorage } from '../../src/identity/session-storage.ts'
import { openKeys } from '../../src/master-keys/open.ts'
import { readRotation } from '../../src/master-keys/rotation.ts'
import { signingSecret } from '../../src/master-keys/signing-secret.ts'
import type { MakePlace } from '../database/database.ts'
import { tablesHolding } from '../database/dump.ts'
import { fromNow } from '../database/samples.ts'

import {
  addCredential,
  addCredentials,
  insertWrite,
  openScene,
  read,
  runWithRecords,
} from './rotation-ground.ts'

const forever = new AbortController().signal

/** What both databases must do when the master key is changed. */
export function describeRotation(name: string, makePlace: MakePlace): void {
  describe(`rotation of the master key on ${name}`, () => {
    it('#36 seals everything anew: credentials, sessions and facts; the old key is then retired and refused', async () => {
      await using scene = await openScene(makePlace)
      const { stores, keys, service } = scene
      const old = keys.vault.keyId
      const rows = await addCredentials(scene, 120)
      const sessions = sealedSessionStorage(stores.sessions, keys.vault)
      await sessions.set('token', 'the session')
      await expect(service.retire(old)).rejects.toMatchObject({ code: 'master_key_in_use' })

      const added = await service.add()
      const waiting = added.items.find((key) => key.id !== old)
      expect(waiting?.state).toBe('readable')
      await service.changeOver()
      expect(keys.vault.keyId).toBe(waiting?.id)
      await expect(service.retire(old)).rejects.toThrow(/120 in credentials\.sealed/)
      await service.reencrypt(forever)

      const list = await service.list()
      expect(list.rotation).toMatchObject({ keyId: waiting?.id, remaining: 0, done: 121 })
      expect(list.rotation?.finishedAt).not.toBeNull()
      expect(list.items.find((key) => key.id === old)).toMatchObject({ state: 'readable', rows: 0 })
      expect(await stores.keys.findAnywhere(old)).toEqual([])
      for (const [at, row] of rows.entries()) expect(await read(scene, row.id)).toBe(`secret number ${at}`)
      expect(await sessions.get('token')).toBe('the session')

      const retired = await service.retire(old)
      expect(retired.items.find((key) => key.id === old)?.state).toBe('retired')
      const [first] = rows
      if (first === undefined) throw new Error('credentials were made')
      await expect(keys.vault.openAll(placeOfRow(first), first.sealed)).rejects.toMatchObject({
        code: 'master_key_missing',
      })
      expect((await scene.reopen()).vault.keyId).toBe(waiting?.id)
    })

    it('#36 leaves nothing under the old key, in whichever table a sealed value stands', async () => {
      await using scene = await openScene(makePlace)
      const { stores, keys, service } = scene
      const { vault } = keys
      const old = vault.keyId
      const signing = await signingSecret(stores, vault)
      const row = await addCredential(scene, { apiKey: new Secret('the key in use') })
      const before = { table: 'previous_secrets', rowId: row.id, version: 1 }
      await stores.previous.swap({
        id: row.id,
        change: { secretVersion: 1 },
        expectedVersion: 1,
        keep: {
          ...row,
          credentialId: row.id,
          keyNote: null,
          usedSince: row.createdAt,
          sealed: await vault.seal(before, { apiKey: new Secret('the key before') }),
          version: 1,
          suffix: null,
          replacedBy: null,
          undoUntil: fromNow(3_600_000),
          endsAt: fromNow(3_600_000),
        },
      })
      const stateHash = 'a'.repeat(64)
      const verifierPlace = { table: 'authorizations', rowId: stateHash, version: 1 }
      await stores.authorizations.insert({
        stateHash,
        credentialId: row.id,
        userId: 'usr_1',
        begunBy: 'session:1',
        ownerId: 'usr_1',
        browserHash: 'b'.repeat(64),
        sealedVerifier: await vault.seal(verifierPlace, { verifier: new Secret('the verifier') }),
        returnTo: '/',
        display: 'page',
        confirmIdentityChange: false,
        expiresAt: fromNow(600_000),
      })
      const sessions = sealedSessionStorage(stores.sessions, vault)
      await sessions.set('token', 'the session')
      const run = await runWithRecords(scene)
      const write = await insertWrite(scene, row.id)
      // Every table that can hold one does, or this test would overlook it.
      const holders = await tablesHolding(stores, [`.${old}.`])
      expect(holders.toSorted()).toEqual(
        [...new Set(stores.keys.columns.map(({ table }) => table))].toSorted(),
      )

      await service.changeOver()
      await service.reencrypt(forever)
      expect(await tablesHolding(stores, [`.${old}.`])).toEqual([])
      await service.retire(old)

      expect(await read(scene, row.id)).toBe('the key in use')
      const kept = await stores.previous.find(row.id)
      if (kept === null) throw new Error('it was put aside')
      expect((await vault.open(before, kept.sealed, 'apiKey')).reveal()).toBe('the key before')
      const taken = await stores.authorizations.take(stateHash)
      if (taken === null) throw new Error('it was begun')
      expect((await vault.open(verifierPlace, taken.sealedVerifier, 'verifier')).reveal()).toBe(
        'the verifier',
      )
      expect(await openWrite(vault, write.id, (await write.row()).sealed)).toEqual(write.held)
      expect(await sessions.get('token')).toBe('the session')
      expect(await signingSecret(stores, vault)).toBe(signing)
      expect((await run.kept.last(run.id)).records).toEqual([{ name: 'Marisol' }])
      // A run that is under way during the rotation seals on with the key that it has.
      await stores.records.saveColumns(
        run.held,
        'leads',
        run.sealer.last('leads', 'columns', '{"columns":[],"key":"after"}'),
      )
      expect(await run.kept.last(run.id)).toEqual({
        columns: [],
        key: 'after',
        records: [{ name: 'Marisol' }],
      })
    })

    it('#36 goes on under concurrent changes, and continues after it was stopped half-way', async () => {
      await using scene = await openScene(makePlace)
      const { stores, keys, service } = scene
      const old = keys.vault.keyId
      const rows = await addCredentials(scene, 200)
      await service.changeOver()

      const stop = new AbortController()
      let failedReads = 0
      let rounds = 0
      let done = false
      const latest = new Map<string, string>()
      const traffic = async (): Promise<void> => {
        while (!done) {
          const row = await stores.credentials.find(rows[rounds++ % rows.length]?.id ?? '')
          if (row === null) throw new Error('a credential is gone')
          const value = new Secret(`changed ${rounds}`)
          const to = placeOf(row.id, row.secretVersion + 1)
          const sealed = await keys.vault
            .reseal(placeOfRow(row), row.sealed, to, { apiKey: value })
            .catch(() => null)
          if (sealed === null) failedReads++
          else {
            const change = { sealed, secretVersion: row.secretVersion + 1 }
            const saved = await stores.credentials.update(row.id, change, row.secretVersion)
            if (saved !== null) latest.set(row.id, value.reveal())
          }
          if (((await readRotation(stores))?.done ?? 0) >= 50) stop.abort()
        }
      }
      const changing = traffic()
      await service.reencrypt(stop.signal).catch(() => undefined)
      expect(await service.isRotating()).toBe(true)
      expect(keys.vault.keyId).not.toBe(old)
      const half = keys.vault.keyId
      await service.changeOver() // continues; makes no further key
      expect(keys.vault.keyId).toBe(half)
      await service.reencrypt(forever)
      done = true
      await changing

      expect(failedReads).toBe(0)
      expect(await stores.keys.findAnywhere(old)).toEqual([])
      for (const [at, row] of rows.entries()) {
        expect(await read(scene, row.id)).toBe(latest.get(row.id) ?? `secret number ${at}`)
      }
    })

    it('#35 #36 sets a damaged row aside, lists it, and keeps the old key until it is gone', async () => {
      await using scene = await openScene(makePlace)
      const { stores, keys, service } = scene
      const old = keys.vault.keyId
      const [good, swapped, garbled] = await addCredentials(scene, 3)
      if (good === undefined || swapped === undefined || garbled === undefined) throw new Error('three')
      // Another row's ciphertext, and half a document.
      await stores.credentials.update(swapped.id, { sealed: good.sealed })
      const half = JSON.stringify(garbled.sealed).slice(0, 90)
      await sql`update credentials set sealed = ${half} where id = ${garbled.id}`.execute(stores.kysely)
      const [run, from] = [await runWithRecords(scene), await runWithRecords(scene)]
      await sql`update run_keys set sealed = (select sealed from run_keys as o where o.run_id = ${from.id})
        where run_id = ${run.id}`.execute(stores.kysely)

      await service.changeOver()
      await service.reencrypt(forever)
      const { quarantined, rotation } = await service.list()
      expect(quarantined.map(({ table, rowId, code }) => [table, rowId, code])).toEqual([
        ...[swapped.id, garbled.id].sort().map((id) => ['credentials', id, 'secret_unreadable']),
        ['run_keys', run.id, 'secret_unreadable'],
      ])
      expect(rotation).toMatchObject({ remaining: 0 })
      expect((await from.kept.last(from.id)).records).toEqual([{ name: 'Marisol' }])
      expect(await read(scene, good.id)).toBe('secret number 0')
      await expect(service.retire(old)).rejects.toThrow(/2 in credentials\.sealed, 1 in run_keys\.sealed/)

      // One is put right under the new key, and a value under the old key comes back.
      const resealed = await keys.vault.seal({ table: 'credentials', rowId: swapped.id, version: 1 }, {})
      await stores.credentials.update(swapped.id, { sealed: resealed })
      await stores.credentials.update(good.id, { sealed: good.sealed })
      const later = await service.list()
      expect(later.quarantined.map(({ rowId }) => rowId)).toEqual([garbled.id, run.id])
      expect(later.rotation).toMatchObject({ remaining: 1 })

      await service.reencrypt(forever)
      await stores.credentials.erase(swapped.id)
      await stores.credentials.erase(garbled.id)
      await stores.runs.finish(run.held, 'succeeded', null, null)
      await stores.records.eraseOld({ samplesMs: 0, quarantineMs: 0 })
      expect((await service.list()).quarantined).toEqual([])
      await service.retire(old)
    })

    it('refuses to start without a key that something still needs', async () => {
      await using scene = await openScene(makePlace)
      const { keys, service, settings, stores } = scene
      const old = keys.vault.keyId
      await addCredentials(scene, 1)
      await service.changeOver()
      if (keys.changeable === null) throw new Error('the keys come from a file')
      keys.changeable.archive(old)
      await expect(openKeys(settings, stores)).rejects.toThrow(old)
    })

    it('#34 #37 shows uses and age of a key, and warns of both', async () => {
      const limits = { ageDays: 365, operations: 100 }
      await using scene = await openScene(makePlace, Date.now() + 366 * 86_400_000, limits)
      const [key] = (await scene.service.list()).items
      expect(key?.operations).toBeGreaterThanOrEqual(100)
      expect(key?.ageDays).toBeGreaterThanOrEqual(365)
      expect(key?.warnings.map(({ code }) => code)).toEqual(['master_key_old', 'master_key_worn'])

      await using young = await openScene(makePlace)
      const [usual] = (await young.service.list()).items
      expect(usual?.warnings).toEqual([])
    })

    it('refuses an unknown key', async () => {
      await using scene = await openScene(makePlace)
      await expect(scene.service.retire('0123456789abcdef')).rejects.toMatchObject({
        code: 'master_key_not_found',
      })
    })
  })
}
