import { type ParseArgsConfig, parseArgs } from 'node:util'
import { invalidField } from '@latchwork/contract'
import { backUp } from '../backup/backup.ts'
import { type Locks, type Openers, readIdentities, readPassphrase } from '../backup/encryption.ts'
import { restore } from '../backup/restore.ts'
import type { Settings } from '../settings/settings.ts'

const usage = {
  backup: 'backup --out FILE (--recipient age1… [--recipient …] | --passphrase-file FILE)',
  restore: 'restore --in FILE (--identity-file FILE | --passphrase-file FILE)',
}

/** `backup`: @throws {LatchworkError} as `backUp` */
export async function backupCommand(settings: Settings, args: string[]): Promise<void> {
  const values = parse('backup', args, {
    out: { type: 'string' },
    recipient: { type: 'string', multiple: true },
    'passphrase-file': { type: 'string' },
  })
  const { out, recipient: recipients, 'passphrase-file': passphraseFile } = values
  if (typeof out !== 'string' || Boolean(recipients) === Boolean(passphraseFile)) throw wrong('backup')
  const locks: Locks =
    typeof passphraseFile === 'string'
      ? { passphrase: readPassphrase(passphraseFile) }
      : { recipients: [recipients].flat().filter((each) => typeof each === 'string') }
  const { tables, rows } = await backUp(settings, out, locks, new Date())
  process.stdout.write(
    `Backed up ${rows} rows of ${tables} tables to ${out}. The master key is not in it: keep that elsewhere.\n`,
  )
}

/** `restore`: @throws {LatchworkError} as `restore` */
export async function restoreCommand(settings: Settings, args: string[]): Promise<void> {
  const values = parse('restore', args, {
    in: { type: 'string' },
    'identity-file': { type: 'string' },
    'passphrase-file': { type: 'string' },
  })
  const { in: path, 'identity-file': identityFile, 'passphrase-file': passphraseFile } = values
  if (typeof path !== 'string' || Boolean(identityFile) === Boolean(passphraseFile)) throw wrong('restore')
  const openers: Openers =
    typeof passphraseFile === 'string'
      ? { passphrase: readPassphrase(passphraseFile) }
      : { identities: readIdentities(String(identityFile)) }
  const { rows, createdAt } = await restore(settings, path, openers)
  process.stdout.write(`Restored ${rows} rows, as they were at ${createdAt}. Start the server.\n`)
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

function parse(
  command: keyof typeof usage,
  args: string[],
  options: ParseArgsConfig['options'] & {},
): Values {
  try {
    return parseArgs({ args, options }).values
  } catch {
    throw wrong(command)
  }
}

function wrong(command: keyof typeof usage): Error {
  return invalidField(command, 'usage', `Call it like this: ${usage[command]}`)
}
