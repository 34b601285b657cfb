import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Product } from './product.ts'

/**
 * Changes the database without the server's knowledge, as time or a fault of the disk would. The server is stopped
 * meanwhile. Sessions survive it.
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
