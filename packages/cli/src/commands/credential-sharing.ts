import { type AccessList, type Client, type DeletedCredential, grantedRoles } from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findCredential, findMember } from '../find.ts'
import { confirmingOtherAccount } from '../other-account.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { asking } from './asking.ts'
import { credentialArgument, showCredential } from './credential-view.ts'

const everyone = 'everyone'
const accessColumns: readonly Column<AccessList['items'][number]>[] = [
  { title: 'Who', cell: ({ member }) => member?.name ?? everyone },
  { title: 'Role', cell: ({ role }) => role, whole: true },
  { title: 'Id', cell: ({ member }) => member?.id ?? '', whole: true },
]
const deletedColumns: readonly Column<DeletedCredential>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Connector', cell: ({ connector }) => connector, whole: true, spare: 2 },
  { title: 'Owner', cell: ({ owner }) => owner.name },
  { title: 'Deleted', cell: ({ deletedAt }) => shortTime(deletedAt), whole: true, spare: 1 },
  { title: 'Restorable until', cell: ({ restorableUntil }) => shortTime(restorableUntil), whole: true },
]
const shareOptions = z.object({
  with: z.string().optional(),
  role: z.enum(grantedRoles).default('collaborator'),
  stop: z.boolean().default(false),
})

/** The commands that share a credential, and that restore a deleted one. */
export function addSharingCommands(group: ApiCommand, context: Context): void {
  group
    .command('share')
    .summary('who may do what with a credential; share it, or stop sharing it')
    .description(
      'Without --with, lists who may do what. A collaborator uses the credential, an operator also checks it, an admin ' +
        'also changes and shares it. Nobody reads its secrets.',
    )
    .argument(...credentialArgument)
    .option('--with <member>', `whose access to set: id, email address or "${everyone}"`)
    .addOption(new Option('--role <role>', 'what they may do (default: collaborator)').choices(grantedRoles))
    .option('--stop', 'take their access away')
    .asking(async (client, reference: string, options: unknown) => {
      const change = shareOptions.parse(options)
      const { id } = await findCredential(client, reference)
      const list =
        change.with === undefined
          ? await client.credentialAccess.get({ params: { id } })
          : await client.credentialAccess.set({
              params: { id },
              body: {
                memberId: await memberOf(client, change.with),
                role: change.stop ? null : change.role,
              },
            })
      context.showList(list, accessColumns, 'Nobody may use it.')
    })

  group
    .command('deleted')
    .summary('list deleted credentials that can be restored')
    .asking(async (client) => {
      context.showList(await client.deletedCredentials.list(), deletedColumns, 'There are none.')
    })

  group
    .command('restore')
    .summary('bring a deleted credential back, within 7 days')
    .argument('<credential>', 'its id, or its whole name if only one deleted credential has it')
    .asking(async (client, reference: string) => {
      const { items } = await client.deletedCredentials.list()
      const name = reference.trim().toLowerCase()
      const found = items.filter((each) => each.id === reference || each.name.toLowerCase() === name)
      const [only] = found
      if (only === undefined || found.length > 1) {
        const what = only === undefined ? 'There is no deleted credential' : 'Name it by its id: several'
        throw new CommandError('refused', `${what} of this name or id: ${reference}`)
      }
      const credential = await client.deletedCredentials.restore({ params: { id: only.id } })
      context.show(credential, () => showCredential(context, credential))
    })

  group
    .command('move')
    .summary('let everything that uses a credential use another one, at once')
    .argument(...credentialArgument)
    .argument('<to>', 'the other one: its id or its whole name')
    .option('--use-other-account', 'also if the other one is of another account')
    .option('--lacking', 'do not ask where that account lacks what is named')
    .asking(async (client, reference: string, to: string, options: unknown) => {
      const flag = z.boolean().default(false)
      const { useOtherAccount, ...agreed } = z.object({ useOtherAccount: flag, lacking: flag }).parse(options)
      const { id } = await findCredential(client, reference)
      const target = await findCredential(client, to)
      const answer = await confirmingOtherAccount(context, useOtherAccount, (confirmIdentityChange) =>
        asking(context, 'Nothing was moved.', agreed, ({ lacking = false }) =>
          client.deletedCredentials.moveUsage({
            params: { id },
            body: { to: target.id, confirmIdentityChange, lacking },
          }),
        ),
      )
      context.show(answer, ({ moved }) => context.terminal.print(`${moved} moved to ${clean(target.name)}.`))
    })
}

async function memberOf(client: Client, reference: string): Promise<string | null> {
  return reference === everyone ? null : (await findMember(client, reference)).id
}
