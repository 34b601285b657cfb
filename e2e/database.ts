import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Product } from './product.ts'

/**
 * Changes the database behind the server's back, as time or a fault of the disk would: the server is stopped meanwhile.
 * Sessions outlast it.
 */
export async function changeDatabase(
  { server, dataDir }: Pick<Product, 'server' | 'dataDir'>,
  change: (database: DatabaseSync) => void,
): Promise<void> {
  await server.end('SIGTERM')
  const database = new DatabaseSync(join(dataDir, 'latchwork.db'))
  try {
    change(database)
  } finally {
    database.close()
  }
  await server.restart()
}
