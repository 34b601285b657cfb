import type { Database } from './database.ts'
import type { FactStore } from './interfaces.ts'

export function openFactStore({ tables }: Database): FactStore {
  const get = async (name: string): Promise<string | null> => {
    const row = await tables.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }
  return {
    get,

    async set(name, value) {
      await tables
        .insertInto('facts')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },

    async setOnce(name, value) {
      await tables
        .insertInto('facts')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return (await get(name)) ?? value
    },

    async take(name, value) {
      const { numDeletedRows } = await tables
        .deleteFrom('facts')
        .where('name', '=', name)
        .where('value', '=', value)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async erase(name) {
      await tables.deleteFrom('facts').where('name', '=', name).execute()
    },
  }
}
