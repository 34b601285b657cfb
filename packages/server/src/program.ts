import { invalidField, LatchworkError } from '@latchwork/contract'
import { type App, createApp } from './app/app.ts'
import { auditCommand } from './commands/audit.ts'
import { backupCommand, restoreCommand } from './commands/backup.ts'
import { keysCommand } from './commands/keys.ts'
import { resetPasswordCommand } from './commands/reset-password.ts'
import { openWorker } from './commands/worker.ts'
import { useOutboundProxies } from './settings/outbound-proxy.ts'
import { readSettings, type Settings } from './settings/settings.ts'

/** Starts the server and runs it until it is told to stop. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const noProxy = useOutboundProxies(process.env)
  if (noProxy !== null) process.stderr.write(`${noProxy}\n`)
  const [command, ...args] = process.argv.slice(2)
  if (command !== undefined) return runCommand(settings, command, args)
  const app = await createApp({ settings })
  closeOnSignal(app)

  await app.listen()
  const link = await app.setupLink()
  process.stdout.write(`\nLatchwork is at ${settings.publicUrl}\n`)
  if (link !== null) process.stdout.write(`Make the administrator (this link works once): ${link}\n`)
  process.stdout.write('\n')
}

/** Ends the process in good order when it is told to stop. */
function closeOnSignal(app: Pick<App, 'close'>): void {
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
}

/** Commands that do their work and end; only a worker goes on until it is told to stop. */
async function runCommand(settings: Settings, command: string, args: string[]): Promise<void> {
  if (command === 'admin') return resetPasswordCommand(settings, args)
  if (command === 'audit') return auditCommand(settings, args)
  if (command === 'backup') return backupCommand(settings, args)
  if (command === 'restore') return restoreCommand(settings, args)
  if (command === 'keys') return keysCommand(settings, args)
  if (command === 'worker') return closeOnSignal(await openWorker(settings, args))
  throw invalidField(
    'command',
    'unknown',
    `There is no command "${command}": admin, audit, backup, restore, keys, worker.`,
  )
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

main().catch((error: unknown) => fail(process.argv.length > 2 ? "can't do this" : "can't start", error))
