/* A process that copies the changes of a sandbox into a SQLite file, and ends. Argument: what and where, as JSON. */
import { RunTaken } from '@latchwork/sync'
import { copyChanges, copyOrderSchema, takenExitCode } from './copying.ts'
import { KeptCopy } from './kept-copy.ts'

const order = copyOrderSchema.parse(JSON.parse(process.argv[2] ?? ''))
const copy = new KeptCopy(order.file)
await copyChanges(order, copy, new AbortController().signal).catch((error: unknown) => {
  if (!(error instanceof RunTaken)) throw error
  process.exitCode = takenExitCode
})
copy.close()
