import type { Passkey, SignedInPlace } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readSecret } from '../prompt.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'

const placeColumns: readonly Column<SignedInPlace>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  {
    title: 'Where',
    cell: ({ client, kind, current }) =>
      `${kind === 'terminal' ? 'Terminal on ' : ''}${client}${current ? ' (this one)' : ''}`,
  },
  { title: 'Address', cell: ({ address }) => address ?? '', whole: true, spare: 1 },
  { title: 'Signed in', cell: ({ createdAt }) => shortTime(createdAt), whole: true, spare: 2 },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt), whole: true },
]
const passkeyColumns: readonly Column<Passkey>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Added', cell: ({ createdAt }) => shortTime(createdAt), whole: true, spare: 1 },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt), whole: true },
]
const passwordOptions = z.object({ currentFile: z.string().optional(), newFile: z.string().optional() })

/** One's own sign-in. */
export function addProfileCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('profile').summary('your own name, password, and where you are signed in')

  group
    .command('name')
    .summary('change your name')
    .argument('<name>', 'your new name')
    .asking(async (client, name: string) => {
      const user = await client.profile.rename({ body: { name } })
      context.show(user, () => terminal.print(`Your name is ${clean(user.name)} now.`))
    })

  group
    .command('password')
    .summary('change your password')
    .description(
      'Asks for the current password and the new one without showing them. All your other browsers and terminals are ' +
        'signed out; API tokens of programs and passkeys stay.',
    )
    .option('--current-file <file>', 'read the current password from a file')
    .option('--new-file <file>', 'read the new password from a file')
    .asking(async (client, options: unknown) => {
      const { currentFile, newFile } = passwordOptions.parse(options)
      const read = (label: string, file: string | undefined, option: string) =>
        readSecret(context.io, label, { stdin: false, file }, option)
      const currentPassword = await read('The current password', currentFile, '--current-file FILE')
      const newPassword = await read('The new password', newFile, '--new-file FILE')
      if (newFile === undefined && (await read('The new password again', undefined, '')) !== newPassword) {
        throw new CommandError('usage', 'The two are not the same. Nothing was changed.')
      }
      await client.profile.password({ body: { currentPassword, newPassword } })
      context.show({ changed: true }, () =>
        terminal.print('Your password was changed. You are signed out everywhere else.'),
      )
    })

  group
    .command('sessions')
    .summary('list the browsers and terminals where you are signed in')
    .asking(async (client) => {
      context.showList(await client.signIns.list(), placeColumns, 'You are signed in nowhere.')
    })

  group
    .command('end')
    .summary('sign one of your browsers or terminals out, or all others')
    .argument('[session]', 'its id')
    .option('--others', 'all except this one')
    .confirmed()
    .asking(async (client, id: string | undefined, options: unknown) => {
      const { others } = z.object({ others: z.boolean().default(false) }).parse(options)
      if (others === (id !== undefined)) {
        throw new CommandError('usage', 'Name one by its id (latchwork profile sessions), or say --others.')
      }
      if (id !== undefined) {
        await confirmUnless(context, options, `Sign ${clean(id)} out?`)
        await client.signIns.end({ params: { id } })
        return context.show({ ended: id }, () => terminal.print(`Signed ${clean(id)} out.`))
      }
      await confirmUnless(context, options, 'Sign all your other browsers and terminals out?')
      const { ended } = await client.signIns.endOthers()
      context.show({ ended }, () => terminal.print(`Signed out ${ended}.`))
    })

  group
    .command('passkeys')
    .summary('list your passkeys; they are added in the browser')
    .asking(async (client) => {
      context.showList(await client.passkeys.list(), passkeyColumns, 'You have no passkeys.')
    })

  group
    .command('remove-passkey')
    .summary('remove a passkey')
    .argument('<passkey>', 'its id')
    .confirmed()
    .asking(async (client, id: string, options: unknown) => {
      await confirmUnless(context, options, `Remove the passkey ${clean(id)}?`)
      await client.passkeys.remove({ params: { id } })
      context.show({ removed: id }, () => terminal.print(`Removed ${clean(id)}.`))
    })
}
