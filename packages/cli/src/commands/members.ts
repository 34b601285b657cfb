import { type Client, type Member, roles } from '@latchwork/contract'
import { Argument, Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { findMember } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'

const columns: readonly Column<Member>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Email', cell: ({ email }) => email },
  { title: 'Role', cell: ({ role }) => role, whole: true },
  { title: 'Since', cell: ({ createdAt }) => shortTime(createdAt), whole: true, spare: 1 },
]
const memberArgument = ['<member>', 'their id or email address'] as const
const roleSchema = z.enum(roles)

export function addMemberCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('member').summary('the people of this workspace')

  group
    .command('list')
    .summary('list members')
    .asking(async (client) => {
      context.showList(await client.members.list(), columns, 'There are no members.')
    })

  group
    .command('invite')
    .summary('invite somebody')
    .description(
      'Prints the link by which they become a member to standard output, once. Send it to nobody else.',
    )
    .argument('<email>', 'their email address')
    .addOption(new Option('--role <role>', 'their role').choices(roles).default('member'))
    .asking(async (client, email: string, options: unknown) => {
      const { role } = z.object({ role: roleSchema }).parse(options)
      const made = await client.invitations.create({ body: { email, role } })
      context.show(made, ({ invitation, link }) => {
        terminal.note(
          `Invited ${clean(invitation.email)}; the link works until ${shortTime(invitation.expiresAt)}.`,
        )
        terminal.print(link)
      })
    })

  group
    .command('role')
    .summary('change the role of a member')
    .argument(...memberArgument)
    .addArgument(new Argument('<role>', 'the new role').choices(roles))
    .asking(async (client, reference: string, role: string) => {
      const { id } = await findMember(client, reference)
      const member = await client.members.update({ params: { id }, body: { role: roleSchema.parse(role) } })
      context.show(member, () => terminal.print(`${clean(member.name)} is ${member.role} now.`))
    })

  group
    .command('reset-password')
    .summary('make a link by which a member chooses a new password')
    .description(
      'Prints the link to standard output, once. It works once, for 24 hours; send it to nobody else. When they use it, they ' +
        'are signed out everywhere else. An alert tells them who made it.',
    )
    .argument(...memberArgument)
    .asking(async (client, reference: string) => {
      const member = await findMember(client, reference)
      const made = await client.passwordResets.create({ params: { id: member.id } })
      context.show(made, ({ link, expiresAt }) => {
        terminal.note(
          `${clean(member.name)} chooses a new password with this link, until ${shortTime(expiresAt)}.`,
        )
        terminal.print(link)
      })
    })

  group
    .command('remove')
    .summary('remove a member')
    .description(
      'Ends their sessions and API tokens at once. What they own becomes yours, unless you name another member.',
    )
    .argument(...memberArgument)
    .option('--hand-to <member>', 'who gets what they own: id or email address')
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const member = await findMember(client, reference)
      const query = await heirOf(client, options)
      await confirmUnless(context, options, `Remove ${clean(member.name)} (${clean(member.email)})?`)
      await client.members.remove({ params: { id: member.id }, query })
      context.show({ removed: member.id }, () => terminal.print(`Removed ${clean(member.name)}.`))
    })
}

async function heirOf(client: Client, options: unknown): Promise<{ handTo?: string }> {
  const { handTo } = z.object({ handTo: z.string().optional() }).parse(options)
  return handTo === undefined ? {} : { handTo: (await findMember(client, handTo)).id }
}
