import {
  ApiError,
  type Client,
  type Credential,
  type CredentialCreate,
  type CredentialSave,
} from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import { waitForAccess } from '../authorizing.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findCredential } from '../find.ts'
import { findMethod, isAskedFor, readForm } from '../form-input.ts'
import { showGuide } from '../guide.ts'
import { ask, canAsk } from '../prompt.ts'
import { clean } from '../terminal.ts'
import { accountOf } from '../words.ts'
import { credentialArgument, showCredential } from './credential-view.ts'
import { collect } from './options.ts'

const secretOptions = z.object({
  secretStdin: z.boolean().default(false),
  secretFile: z.array(z.string()).default([]),
})
const addOptions = secretOptions.extend({
  connector: z.string(),
  method: z.string().optional(),
  name: z.string().optional(),
  description: z.string().default(''),
  tag: z.array(z.string()).default([]),
  value: z.array(z.string()).default([]),
})

type Form = Pick<CredentialCreate, 'connector' | 'method' | 'values'>

/** The options for a secret. None takes the secret itself as an argument. */
export function withSecretOptions(command: ApiCommand): ApiCommand {
  return command
    .option('--secret-stdin', 'read the secret from standard input')
    .option(
      '--secret-file <[field=]file>',
      'read the secret from a file; with a field name another secret than the main one (may be repeated)',
      collect,
    )
}

export function readSecretOptions(options: unknown) {
  const { secretStdin, secretFile } = secretOptions.parse(options)
  return { secretStdin, secretFiles: secretFile }
}

export function addCredentialMaking(group: ApiCommand, context: Context): void {
  const { terminal } = context
  withSecretOptions(
    group
      .command('add')
      .summary('add a credential')
      .description(
        'Checks a credential and saves it. With --method oauth2 it prints a link by which you grant access in a browser, ' +
          'waits, and says who authorized. Fields that no option gives are asked for; secrets without showing them.',
      )
      .option('--connector <id>', 'the system that it is for', 'close')
      .option('--method <id>', 'the authentication method: for Close api_key or oauth2')
      .option('--name <name>', 'its name')
      .option('--description <text>', 'what it is for')
      .option('--tag <tag>', 'a tag (may be repeated)', collect)
      .option(
        '--value <field=value>',
        'a field that is not secret, for example clientId=… (may be repeated)',
        collect,
      ),
  ).asking(async (client, options: unknown) => {
    const given = addOptions.parse(options)
    const method = await findMethod(context.io, client, given.connector, given.method)
    const name = given.name ?? (await askName(context))
    const input = { values: given.value, ...readSecretOptions(options) }
    if (isAskedFor(context.io, input)) showGuide(terminal, method, true)
    const values = await readForm(context.io, method, input)
    const { connector, description, tag: tags } = given
    const form = { connector, method: method.id, values }
    const texts = { name, description, tags }
    const credential =
      method.flow === 'oauth2'
        ? await makeByGrant(context, client, form, texts)
        : await context.during('Checking', client.credentials.create({ body: { ...form, ...texts } }))
    context.show(credential, () => {
      terminal.print(`Saved ${clean(credential.name)}, ${clean(accountOf(credential))}`)
      showCredential(context, credential)
    })
  })

  group
    .command('authorize')
    .summary('grant access to an OAuth credential again')
    .description('Prints a link by which you grant access in a browser, waits, and says who authorized.')
    .argument(...credentialArgument)
    .asking(async (client, reference: string) => {
      const before = await findCredential(client, reference)
      const after = await waitForAccess(context, client, before)
      context.show(after, () => {
        terminal.print(`Authorized as ${clean(accountOf(after))}`)
        showCredential(context, after)
      })
    })
}

/** Makes a draft, which is deleted if nobody grants access. */
async function makeByGrant(
  context: Context,
  client: Client,
  form: Form,
  texts: CredentialSave,
): Promise<Credential> {
  const draft = await client.credentials.create({ body: { ...form, ...texts, draft: true } })
  const params = { id: draft.id }
  try {
    const granted = await waitForAccess(context, client, draft)
    context.terminal.note(`Authorized as ${clean(accountOf(granted))}`)
    return await client.credentials.save({ params, body: texts })
  } catch (error) {
    // After Ctrl-C nothing more is sent: the server erases the draft within the hour.
    if (!context.io.signal.aborted) await client.credentials.delete({ params }).catch(ignoreRefusal)
    throw error
  }
}

/** The draft may be gone already, or the server away. The person gets the first error: why nothing was saved. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
}

async function askName(context: Context): Promise<string> {
  if (!canAsk(context.io)) throw new CommandError('usage', 'A name is needed: --name NAME')
  return ask(context.io, 'Name of the credential')
}
