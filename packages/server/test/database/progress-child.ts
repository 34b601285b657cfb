/*
 * Saves the progress of a run over and over until it is killed. Arguments: the database's URL (empty for SQLite), the data
 * folder, the run's id.
 */
import { Secret } from '@latchwork/vault'
import { openStores } from '../../src/app/stores.ts'
import { saveBatch } from './samples.ts'

const [url = '', dataDir = '', runId = ''] = process.argv.slice(2)
const stores = await openStores({ databaseUrl: url === '' ? null : new Secret(url), dataDir })
const run = await stores.runs.start(runId)
if (run === null) throw new Error('the run has ended')
await stores.records.addKey(runId, 'sealed')
for (let page = 1; ; page++) {
  const progress = {
    recordsRead: page,
    recordsWritten: 0,
    recordsRefused: page,
    recordsCreated: 0,
    pages: page,
    checkpoint: page,
  }
  await saveBatch(stores, run, progress, {
    refused: [{ position: page, stream: 'leads', reason: 'sealed', record: 'sealed' }],
    last: `sealed ${page}`,
  })
  process.stdout.write(`${page}\n`)
}
