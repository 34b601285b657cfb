/* Takes a job and holds it, and leads, until it is killed. Arguments: the database's URL (empty for SQLite), the data folder. */
import { Secret } from '@latchwork/vault'
import { openStores } from '../../src/app/stores.ts'
import { openJobs } from '../../src/jobs/open.ts'

const [url = '', dataDir = ''] = process.argv.slice(2)
const databaseUrl = url === '' ? null : new Secret(url)
const stores = await openStores({ databaseUrl, dataDir })
const onError = (error: unknown): void => console.error(error)
const queue = await openJobs(stores.database, databaseUrl, { onError })
await queue.every(1_000, async () => {
  await queue.enqueue('run', { runId: 'of the killed' }, { key: 'killed' })
})
await queue.work('run', 1, () => {
  process.stdout.write('begun\n')
  return new Promise(() => {})
})
