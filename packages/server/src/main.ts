import { LatchworkError } from '@latchwork/contract'
import { createApp } from './app.ts'
import { verifyAudit } from './audit/command.ts'
import { readSettings } from './settings/settings.ts'

/** Starts the server and runs it until it is told to stop. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const command = process.argv.slice(2).join(' ')
  if (command === 'audit verify') return verifyAudit(settings)
  const app = await createApp({ settings })
  let stoppingSince: number | null = null
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Asked twice. Within a second it is one Ctrl-C that also reached us through npm.
      if (stoppingSince !== null && performance.now() - stoppingSince > 1000) process.exit(1)
      if (stoppingSince !== null) return
      stoppingSince = performance.now()
      app.close().then(
        () => process.exit(0),
        (error: unknown) => fail('did not end well', error),
      )
    })
  }

  await app.listen()
  const link = await app.setupLink()
  process.stdout.write(`\nLatchwork is at ${settings.publicUrl}\n`)
  if (link !== null) process.stdout.write(`Make the administrator (this link works once): ${link}\n`)
  process.stdout.write('\n')
}

function fail(what: string, error: unknown): never {
  const text =
    error instanceof LatchworkError
      ? `${error.message}\n(${error.code})`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`Latchwork ${what}. ${text}\n`)
  process.exit(1)
}

main().catch((error: unknown) => fail("can't start", error))
