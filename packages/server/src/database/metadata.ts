import type { Database } from './database.ts'

export function openMetadataStore({ tables }: Database) {
  const get = async (name: string): Promise<string | null> => {
    const row = await tables
      .selectFrom('metadata')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.value ?? null
  }
  return {
    get,

    async set(name: string, value: string): Promise<void> {
      await tables
        .insertInto('metadata')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },

    /** Sets it unless it is there; answers what then stands. */
    async setOnce(name: string, value: string): Promise<string> {
      await tables
        .insertInto('metadata')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return (await get(name)) ?? value
    },

    /** Erases it if it has this value; of several at once one is answered true. */
    async take(name: string, value: string): Promise<boolean> {
      const { numDeletedRows } = await tables
        .deleteFrom('metadata')
        .where('name', '=', name)
        .where('value', '=', value)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async erase(name: string): Promise<void> {
      await tables.deleteFrom('metadata').where('name', '=', name).execute()
    },
  }
}

/** Small facts of the installation: the key's sentinel, the set-up token's hash. */
export type MetadataStore = ReturnType<typeof openMetadataStore>
