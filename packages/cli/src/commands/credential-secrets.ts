import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Credential, Previous } from '@latchwork/contract'
import type { Command } from 'commander'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findCredential } from '../find.ts'
import { findMethod, readForm } from '../form-input.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { readSecretOptions, withSecretOptions } from './credential-making.ts'
import { credentialArgument, showCredential } from './credential-view.ts'

const replaceOptions = z.object({
  note: z.string().optional(),
  useOtherAccount: z.boolean().default(false),
})
const pollMs = 2000

/** Replacing a secret, with what uses the credential going on. */
export function addSecretReplacing(group: Command, context: Context): void {
  const { terminal } = context
  const withOptions = (command: Command) =>
    withSecretOptions(command.argument(...credentialArgument))
      .option('--note <text>', 'what tells the new key apart in the other system, for example its name there')
      .option('--use-other-account', 'take the secret though it belongs to another account than before')

  withOptions(
    group
      .command('replace')
      .summary('replace the secret of a credential')
      .description(
        'Checks a new secret and takes it in place of the old one. Nothing that uses the credential stops.',
      ),
  ).action(async (reference: string, options: unknown) => {
    const client = await context.client()
    const credential = await replace(context, client, reference, options)
    context.show(credential, () => showCredential(context, credential))
  })

  withOptions(
    group
      .command('rotate')
      .summary('replace the secret, wait until the old one is unused, and say which to delete')
      .description(
        'As replace; then waits until the last request that can have used the old key is over, and says which key to ' +
          'delete in the other system.',
      ),
  ).action(async (reference: string, options: unknown) => {
    const client = await context.client()
    const credential = await replace(context, client, reference, options)
    const previous = await terminal.during(
      'The new secret is in use. Waiting for what still uses the old one',
      untilUnused(context, client, credential.id),
    )
    context.show({ credential, previous }, () => {
      showCredential(context, credential)
      terminal.print(previous === null ? 'Nothing of the old secret is kept.' : whatToDelete(previous))
    })
  })

  group
    .command('undo')
    .summary('take back the last replacement or switch of method, within an hour')
    .argument(...credentialArgument)
    .action(async (reference: string) => {
      const client = await context.client()
      const { id } = await findCredential(client, reference)
      const credential = await terminal.during('Checking', client.credentials.undo({ params: { id } }))
      context.show(credential, () => showCredential(context, credential))
    })
}

async function replace(
  context: Context,
  client: Client,
  reference: string,
  options: unknown,
): Promise<Credential> {
  const { note, useOtherAccount } = replaceOptions.parse(options)
  const { id, connector, method: methodId } = await findCredential(client, reference)
  const method = await findMethod(client, connector, methodId)
  const input = { values: [], ...readSecretOptions(options) }
  // Of several secrets only those are replaced that are given.
  const named = input.secretFiles.flatMap((text) => (text.includes('=') ? [text.split('=', 1)[0]] : []))
  const values = await readForm(context.io, method, input, ({ kind, name, required }) =>
    kind === 'secret' && named.length > 0 ? named.includes(name) : kind === 'secret' && required,
  )
  if (Object.keys(values).length === 0) {
    throw new CommandError('usage', 'Say which secret to replace: --secret-file FIELD=FILE')
  }
  const body = {
    values,
    confirmIdentityChange: useOtherAccount,
    ...(note === undefined ? {} : { keyNote: note }),
  }
  return context.terminal.during('Checking', client.credentials.secrets({ params: { id }, body }))
}

async function untilUnused(context: Context, client: Client, id: string): Promise<Previous | null> {
  for (;;) {
    const { previous } = await client.credentials.previous({ params: { id } })
    if (previous === null || previous.state === 'unused') return previous
    await sleep(pollMs, undefined, { signal: context.io.signal })
  }
}

function whatToDelete({ suffix, keyNote, unusedAt, undoUntil }: Previous): string {
  const which = suffix === null ? 'the old secret' : `the old key, which ends in ${clean(suffix)}`
  const note = keyNote === null ? '' : ` (${clean(keyNote)})`
  const undo =
    undoUntil === null ? '' : ` Until ${shortTime(undoUntil)} you can go back: latchwork credential undo`
  return `Nothing has used ${which}${note}, since ${shortTime(unusedAt)}: delete it in the other system.${undo}`
}
