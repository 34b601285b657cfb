/*
 * Saves the progress of a run over and over until it is killed. Arguments: the database's URL (empty for SQLite), the data
 * folder, the run's id.
 */
import { Secret } from '@latchwork/vault'
import { openStores } from '../../src/stores/open.ts'

const [url = '', dataDir = '', runId = ''] = process.argv.slice(2)
const stores = await openStores({ databaseUrl: url === '' ? null : new Secret(url), dataDir })
await stores.runs.start(runId)
await stores.records.addKey(runId, 'sealed')
for (let page = 1; ; page++) {
  const progress = {
    recordsRead: page,
    recordsWritten: 0,
    recordsRefused: page,
    pages: page,
    checkpoint: page,
  }
  await stores.runs.saveProgress(
    runId,
    progress,
    [{ position: page, reason: 'sealed', record: 'sealed' }],
    `sealed ${page}`,
  )
  process.stdout.write(`${page}\n`)
}
