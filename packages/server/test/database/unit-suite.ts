import { describe, expect, it } from 'vitest'
import { newCredential } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeUnits(getSubject: GetSubject): void {
  describe('#55 a unit of work', () => {
    const metadata = () => getSubject().stores.metadata
    const database = () => getSubject().stores.database

    it('has the changes of every store, or none', async () => {
      const { stores } = getSubject()
      const row = newCredential()
      const failing = database().atomically(async () => {
        await stores.metadata.set('unit', 'begun')
        await stores.credentials.insert(row)
        expect(await stores.credentials.find(row.id)).not.toBeNull()
        throw new Error('taken back')
      })
      await expect(failing).rejects.toThrow('taken back')
      expect(await metadata().get('unit')).toBeNull()
      expect(await stores.credentials.find(row.id)).toBeNull()
      await database().atomically(async () => {
        await stores.metadata.set('unit', 'done')
        await stores.credentials.insert(row)
      })
      expect(await metadata().get('unit')).toBe('done')
      expect(await stores.credentials.find(row.id)).not.toBeNull()
    })

    it('is not seen by others before it is committed', async () => {
      const { rival } = getSubject()
      const seen = await database().atomically(async () => {
        await metadata().set('hidden', 'yes')
        return getSubject().stores.kind === 'sqlite' ? null : rival.metadata.get('hidden')
      })
      expect(seen).toBeNull()
      expect(await rival.metadata.get('hidden')).toBe('yes')
    })

    it('makes a transaction in it a part that can be taken back alone', async () => {
      const { tables } = database()
      await database().atomically(async () => {
        await metadata().set('outer', 'kept')
        const inner = tables.transaction().execute(async (transaction) => {
          await transaction.insertInto('metadata').values({ name: 'inner', value: 'x' }).execute()
          await transaction.insertInto('metadata').values({ name: 'outer', value: 'twice' }).execute()
        })
        await expect(inner).rejects.toThrow()
        await metadata().set('after', 'kept')
      })
      expect([
        await metadata().get('outer'),
        await metadata().get('inner'),
        await metadata().get('after'),
      ]).toEqual(['kept', null, 'kept'])
    })

    it('takes queries side by side, and units one after the other', async () => {
      await database().atomically(async () => {
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            n % 2 === 0
              ? metadata().set(`side_${n}`, 'x')
              : database()
                  .tables.transaction()
                  .execute((transaction) =>
                    transaction
                      .insertInto('metadata')
                      .values({ name: `side_${n}`, value: 'x' })
                      .execute(),
                  ),
          ),
        )
      })
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          database().atomically(async () => {
            const before = Number((await metadata().get(`count_${n % 2}`)) ?? 0)
            await metadata().set(`own_${n}`, String(before))
          }),
        ),
      )
      const all = await Promise.all(Array.from({ length: 20 }, (_, n) => metadata().get(`side_${n}`)))
      expect(all).toEqual(Array.from({ length: 20 }, () => 'x'))
    })

    it('holds nothing before its first change', async () => {
      const { stores } = getSubject()
      const outcome = await database().atomically(async () => {
        await stores.metadata.get('unit')
        // Would wait for ever on the one connection of SQLite.
        await database().apart(() => stores.metadata.set('meanwhile', 'written'))
        await stores.metadata.set('later', 'written')
        return 'done'
      })
      expect(outcome).toBe('done')
      expect(await metadata().get('meanwhile')).toBe('written')
    })

    it('does not have what goes on after its end', async () => {
      let behind: Promise<void> = Promise.resolve()
      let goOn: () => void = () => undefined
      const gate = new Promise<void>((resolve) => {
        goOn = resolve
      })
      const failing = database().atomically(async () => {
        behind = gate.then(() => metadata().set('behind', 'written'))
        await metadata().set('own', 'written')
        throw new Error('taken back')
      })
      await expect(failing).rejects.toThrow('taken back')
      goOn()
      await behind
      expect([await metadata().get('own'), await metadata().get('behind')]).toEqual([null, 'written'])
    })
  })
}
