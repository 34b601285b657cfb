import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Client,
  type Credential,
  type FieldDefinition,
  type MethodDefinition,
  type Previous,
  redirectingFields,
  whyCleared,
  whySecretAgain,
} from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findCredential } from '../find.ts'
import { type FormInput, findMethod, isAskedFor, readForm } from '../form-input.ts'
import { showGuide } from '../guide.ts'
import { confirmingOtherAccount } from '../other-account.ts'
import { canAsk, confirm } from '../prompt.ts'
import { clean } from '../terminal.ts'
import { accountOf, exactTime, shortTime } from '../words.ts'
import { readSecretOptions, withSecretOptions } from './credential-making.ts'
import { credentialArgument, showCredential } from './credential-view.ts'
import { collect } from './options.ts'

const replaceOptions = z.object({
  note: z.string().optional(),
  value: z.array(z.string()).default([]),
  useOtherAccount: z.boolean().default(false),
})
const tickMs = 250
const sameKey =
  'The new key ends like the old one: it is probably the same. Delete nothing; make another key and rotate to that.'

/** The commands that replace a secret without stopping what uses the credential. */
export function addSecretReplacing(group: ApiCommand, context: Context): void {
  const { terminal } = context
  const withOptions = (command: ApiCommand) =>
    withSecretOptions(command.argument(...credentialArgument))
      .option(
        '--note <text>',
        'how to recognize the new key in the other system, for example by its name there',
      )
      .option('--use-other-account', 'accept the secret also if it belongs to another account than before')

  withOptions(
    group
      .command('replace')
      .summary('replace the secret of a credential, or other fields of it')
      .description(
        'Checks a new secret and replaces the old one with it. Nothing that uses the credential stops. Fields that ' +
          'are not secret are replaced by --value; one that decides where a secret is sent, or how it is protected on the ' +
          'way, is replaced together with the secret.',
      )
      .option('--value <field=value>', 'another field, for example port=5433 (may be repeated)', collect),
  ).asking(async (client, reference: string, options: unknown) => {
    const { credential } = await replace(context, client, reference, options)
    context.show(credential, () => showCredential(context, credential))
  })

  withOptions(
    group
      .command('rotate')
      .summary('replace the secret, wait until the old one is unused, and say which to delete')
      .description(
        'Step by step: says where a new key is made, checks it and replaces the old one with it, waits about a minute ' +
          'until the last request that can have used the old key is over, says which key to delete in the other system, ' +
          'and in a terminal makes sure that it is deleted. Nothing that uses the credential stops.',
      ),
  )
    .option('--no-wait', 'do not wait: say from when on the old one is unused')
    .asking(async (client, reference: string, options: unknown) => {
      const { wait } = z.object({ wait: z.boolean() }).parse(options)
      const { credential, secrets } = await replace(context, client, reference, options)
      terminal.note(`The new secret is in use, as ${clean(accountOf(credential))}.`)
      const previous = await readPrevious(client, credential.id)
      if (previous !== null && wait) await untilUnused(context, previous)
      const suffix = previous?.suffix ?? null
      const isSameKey = suffix !== null && secrets.some((secret) => secret.trim().endsWith(suffix))
      context.show({ credential, previous: await readPrevious(client, credential.id) }, (ended) => {
        terminal.print(isSameKey ? sameKey : whatToDelete(ended.previous))
      })
      if (suffix === null || isSameKey || !wait || context.json || !canAsk(context.io)) return
      await untilDeleted(context, client, credential.id)
    })

  group
    .command('undo')
    .summary('undo the last replacement or switch of method, within an hour')
    .argument(...credentialArgument)
    .asking(async (client, reference: string) => {
      const { id } = await findCredential(client, reference)
      const credential = await context.during('Checking', client.credentials.undo({ params: { id } }))
      context.show(credential, () => showCredential(context, credential))
    })
}

async function replace(
  context: Context,
  client: Client,
  reference: string,
  options: unknown,
): Promise<{ credential: Credential; secrets: string[] }> {
  const { note, useOtherAccount, value } = replaceOptions.parse(options)
  const stored = await findCredential(client, reference)
  const { id, connector, method: methodId } = stored
  const method = await findMethod(context.io, client, connector, methodId)
  const input = { values: value, ...readSecretOptions(options) }
  const which = fieldsToReplace(context, method, stored, input)
  const values = await readForm(context.io, method, input, { which, stored: stored.values })
  if (Object.keys(values).length === 0) {
    throw new CommandError('usage', 'Say which secret to replace: --secret-file FIELD=FILE')
  }
  for (const sentence of whyCleared(method.fields, stored.values, values))
    context.terminal.note(clean(sentence))
  const work = (confirmIdentityChange: boolean) => {
    const body = { values, confirmIdentityChange, ...(note === undefined ? {} : { keyNote: note }) }
    return context.during('Checking', client.credentials.secrets({ params: { id }, body }))
  }
  const secrets = method.fields.flatMap(({ kind, name }) => (kind === 'secret' ? [values[name] ?? ''] : []))
  return { credential: await confirmingOtherAccount(context, useOtherAccount, work), secrets }
}

/** The fields to read: those that the options name, and the secrets to replace. */
function fieldsToReplace(
  { io, terminal }: Context,
  method: MethodDefinition,
  stored: Credential,
  input: FormInput,
): (field: FieldDefinition) => boolean {
  const pairs = input.values.map((text): [string, string] => {
    const [name = '', ...rest] = text.split('=')
    return [name, rest.join('=')]
  })
  const changed = new Map(pairs)
  const next = { ...stored.values, ...Object.fromEntries(pairs) }
  const redirecting = redirectingFields(method, stored.values, next)
  // If there are several secrets, only the given ones are replaced.
  const named = input.secretFiles.flatMap((text) => (text.includes('=') ? [text.split('=', 1)[0]] : []))
  const asks = isAskedFor(io, input)
  if (asks && changed.size === 0) showGuide(terminal, method, false)
  return (field) => {
    if (field.kind !== 'secret') return changed.has(field.name)
    if (redirecting.length > 0 && stored.secretsSet.includes(field.name)) {
      if (asks) terminal.note(clean(whySecretAgain(field, redirecting)))
      return true
    }
    if (named.length > 0) return named.includes(field.name)
    const isGiven = input.secretStdin || input.secretFiles.length > 0
    return field.required && (isGiven || changed.size === 0)
  }
}

async function readPrevious(client: Client, id: string): Promise<Previous | null> {
  return (await client.credentials.previous({ params: { id } })).previous
}

/** Counts down until the last request that may use the old secret is over. */
function untilUnused(context: Context, { replacedAt, unusedAt }: Previous): Promise<void> {
  // Measured by the difference of two server times, since the server's clock may differ from ours.
  const endsAtMs = performance.now() + (Date.parse(unusedAt) - Date.parse(replacedAt))
  return context.telling(async (progress) => {
    for (let leftMs = 1; leftMs > 0; leftMs = endsAtMs - performance.now()) {
      progress.say(`Waiting for what still uses the old one: ${Math.ceil(leftMs / 1000)} s`)
      await sleep(Math.min(leftMs, tickMs), undefined, { signal: context.io.signal })
    }
  })
}

/** Asks the other system, as often as the person wants, whether it still accepts the old key. */
async function untilDeleted(context: Context, client: Client, id: string): Promise<void> {
  const { io, terminal } = context
  while (await confirm(io, 'Is it deleted? Then the other system is asked whether it still accepts it')) {
    const { accepted } = await context.during('Asking', client.credentials.checkPrevious({ params: { id } }))
    if (accepted === false) return terminal.note('The old key is refused now: it is gone.')
    terminal.note(accepted === true ? 'It is still accepted.' : "The other system can't be reached just now.")
  }
}

function whatToDelete(previous: Previous | null): string {
  if (previous === null) return 'Nothing of the old secret is kept.'
  const { suffix, keyNote, unusedAt, undoUntil, state } = previous
  const which = suffix === null ? 'the old secret' : `the old key, which ends in ${clean(suffix)}`
  const note = keyNote === null ? '' : ` (${clean(keyNote)})`
  const undo =
    undoUntil === null ? '' : ` Until ${shortTime(undoUntil)} you can go back: latchwork credential undo`
  return state === 'unused'
    ? `Nothing uses ${which}${note}, any more: delete it in the other system.${undo}`
    : `Requests under way may use ${which}${note}, until ${exactTime(unusedAt)}: delete it in the other system after that.${undo}`
}
