import { resolve } from 'node:path'
import { type BackupRequest, streams } from '@latchwork/contract'
import type { Command } from 'commander'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { shortBytes } from '../progress.ts'
import { canAsk, readSecret } from '../prompt.ts'
import { openAnswer, receive, refuseIfThere, standardOutput } from '../streamed-answer.ts'
import { collect } from './options.ts'

const backupOptions = z.object({
  out: z.string(),
  recipient: z.array(z.string()).default([]),
  passphraseFile: z.string().optional(),
  passphraseStdin: z.boolean().default(false),
  force: z.boolean().default(false),
})
const restoreOptions = z.object({
  in: z.string(),
  identityFile: z.string().optional(),
  passphraseFile: z.string().optional(),
})

export function addBackupCommands(program: Command, context: Context): void {
  const { terminal } = context
  program
    .command('backup')
    .summary('save everything that the server keeps into an encrypted file')
    .description(
      'The server encrypts the file in the age format before it leaves, for public keys or with a passphrase; without ' +
        'either you are asked for a passphrase. The master key is not in it: keep that elsewhere, for the one is useless ' +
        'without the other. The file appears under its name only when it is whole.',
    )
    .requiredOption('--out <file>', `where to; "${standardOutput}" for standard output`)
    .option('--recipient <age1…>', 'a public key of age that can open it (may be repeated)', collect)
    .option('--passphrase-file <file>', 'read the passphrase that opens it from a file')
    .option('--passphrase-stdin', 'read the passphrase from standard input')
    .option('--force', 'replace the file if it is there')
    .action(async (options: unknown) => {
      const given = backupOptions.parse(options)
      const { out, force } = given
      refuseIfThere(out, force)
      if (out === standardOutput && context.io.stdout.isTTY === true) {
        throw new CommandError('usage', 'A backup is no text for a terminal: send it into a file or a pipe.')
      }
      await context.signedIn()
      const body = await readLocks(context, given)
      const answer = await context.during(
        'Asking for a backup',
        openAnswer(context, streams.backup.create.path, { method: 'POST', body }),
      )
      const received = await receive(context, answer, out, force)
      if (out === standardOutput) return
      context.show({ file: resolve(out), ...received }, ({ bytes, sha256 }) => {
        terminal.print(`Saved ${out}, ${shortBytes(bytes)}.`)
        terminal.print(`SHA-256 ${sha256}`)
        terminal.note('The master key is not in it: keep that in another place.')
      })
    })

  program
    .command('restore')
    .summary('how to bring a backup back')
    .description(
      'Prints the command that restores a backup. It is given on the machine of the server, where the master key has to ' +
        'be put anyway: no server takes a backup over the network. Ends with 4, for nothing was restored.',
    )
    .requiredOption('--in <file>', 'the backup')
    .option('--identity-file <file>', 'the private key of age that opens it')
    .option('--passphrase-file <file>', 'the passphrase that opens it')
    .action((options: unknown) => {
      const given = restoreOptions.parse(options)
      const how =
        given.passphraseFile === undefined
          ? `--identity-file ${quoted(given.identityFile ?? 'age-identity.txt')}`
          : `--passphrase-file ${quoted(given.passphraseFile)}`
      const command = `npx latchwork-server restore --in ${quoted(given.in)} ${how}`
      if (context.json) terminal.printJson({ command })
      else for (const line of restoreSteps(command)) terminal.print(line)
      throw new CommandError('refused', 'Nothing was restored: that is done on the machine of the server.')
    })
}

async function readLocks(
  { io }: Context,
  { recipient, passphraseFile: file, passphraseStdin: stdin }: z.infer<typeof backupOptions>,
): Promise<BackupRequest> {
  const ways = [recipient.length > 0, file !== undefined, stdin].filter(Boolean).length
  if (ways > 1) throw new CommandError('usage', 'Give recipients or one passphrase, not both.')
  if (recipient.length > 0) return { recipients: recipient }
  if (ways === 0 && !canAsk(io)) {
    throw new CommandError(
      'usage',
      'Say what opens it: --recipient age1…, --passphrase-file or --passphrase-stdin.',
    )
  }
  const passphrase = await readSecret(io, 'Passphrase', { stdin, file })
  if (passphrase.length < 8) throw new CommandError('usage', 'The passphrase needs at least 8 characters.')
  const isAsked = ways === 0
  if (isAsked && (await readSecret(io, 'The same again', { stdin, file })) !== passphrase) {
    throw new CommandError('usage', 'These were two different passphrases.')
  }
  return { passphrase }
}

function restoreSteps(command: string): string[] {
  return [
    'On the machine of the server:',
    '',
    '1. Stop the server. Its data folder or database must be empty, or new.',
    '2. Put the master key where LATCHWORK_MASTER_KEY_FILE, LATCHWORK_MASTER_KEY or LATCHWORK_KMS has it.',
    '   If it is another one than the backup needs, step 3 says so and names the fingerprint that it needs.',
    '3. With the settings of the server, run in the folder of Latchwork:',
    '',
    `     ${command}`,
    '',
    '4. Start the server. Everybody signs in again.',
  ]
}

/** Quotes text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w./~+:@%,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
