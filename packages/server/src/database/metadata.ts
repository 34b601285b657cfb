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

    /** Sets the value unless there is one. Returns the value that then stands. */
    async setOnce(name: string, value: string): Promise<string> {
      await tables
        .insertInto('metadata')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return (await get(name)) ?? value
    },

    /** Sets the value where this one stands. Of several callers at once, one gets true. */
    async replace(name: string, from: string, to: string): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('metadata')
        .set({ value: to })
        .where('name', '=', name)
        .where('value', '=', from)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** Erases the entry if it has this value. Of several callers at once, one gets true. */
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

/** Small values of the installation: the master key's sentinel, the set-up token's hash. */
export type MetadataStore = ReturnType<typeof openMetadataStore>
