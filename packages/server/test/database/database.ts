import { Secret } from '@latchwork/vault'
import { type Begin, type Place, postgresPlace, sqlitePlace } from '../../../../tools/test-databases/place.ts'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import type { DatabaseSettings } from '../../src/database/open.ts'

/** A place to keep things in, gone again after `remove`. */
export interface TestPlace {
  readonly settings: DatabaseSettings
  remove(): Promise<void>
}

/**
 * A place of its own: with the tables of this version, or with nothing at all. It can be opened twice at once (as two
 * processes would) only on PostgreSQL.
 */
export type MakePlace = (begin?: Begin) => Promise<TestPlace>

export const makeSqlitePlace: MakePlace = async (begin) => described(await sqlitePlace(begin))

/** On the server that LATCHWORK_TEST_POSTGRES_URL names. */
export const makePostgresPlace: MakePlace = async (begin) => described(await postgresPlace(begin))

function described({ dataDir, databaseUrl, remove }: Place): TestPlace {
  return { settings: { databaseUrl: databaseUrl === null ? null : new Secret(databaseUrl), dataDir }, remove }
}

export interface TestStores extends AsyncDisposable {
  readonly stores: OpenStores
  readonly settings: DatabaseSettings
}

/** Stores of their own for one test or one file; SQLite unless another place is asked for. */
export async function openTestStores(makePlace: MakePlace = makeSqlitePlace): Promise<TestStores> {
  const place = await makePlace()
  const stores = await openStores(place.settings)
  return {
    stores,
    settings: place.settings,
    [Symbol.asyncDispose]: async () => {
      await stores.close()
      await place.remove()
    },
  }
}
