import { describe, expect, it } from 'vitest'
import { prepared } from '../../src/database/prepared.ts'
import type { GetSubject } from './subject.ts'

export function describePrepared(getSubject: GetSubject): void {
  describe('a query that is written once', () => {
    it('asks with the values of each time, by their number and shape', async () => {
      const { tables } = getSubject().stores.database
      for (const id of ['a', 'b', 'c'])
        await tables
          .insertInto('metadata')
          .values({ name: `prepared ${id}`, value: id })
          .execute()
      let times = 0
      const ask = prepared(
        tables,
        (descending: boolean) => String(descending),
        (names, descending) => {
          times += 1
          return tables
            .selectFrom('metadata')
            .select((eb) => ['name', 'value', eb.val<string>('same').as('addedWord')])
            .where((eb) => eb.or([eb('name', 'in', names), eb('value', 'in', names)]))
            .orderBy('name', descending ? 'desc' : 'asc')
        },
      )
      const values = async (names: readonly string[], descending = false) =>
        (await ask(names, descending)).map(({ value, addedWord }) => value + addedWord)
      expect(await values(['prepared a', 'prepared b'])).toEqual(['asame', 'bsame'])
      expect(await values(['prepared c', 'prepared b'])).toEqual(['bsame', 'csame'])
      expect(times).toBe(1)
      expect(await values(['prepared c'])).toEqual(['csame'])
      expect(await values(['c', 'prepared a'], true)).toEqual(['csame', 'asame'])
      expect(times).toBe(3)
    })

    it('is refused where a value decides what it says', async () => {
      const { tables } = getSubject().stores.database
      const ask = prepared(
        tables,
        () => '',
        ([name = '']) => tables.selectFrom('metadata').select('value').where('name', '=', `${name}.`),
      )
      await expect(ask(['a'], null)).rejects.toThrow('no parameter')
    })
  })
}
