import { type Credential, credentialStatuses, type Usage } from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findCredential } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { accountOf, credentialStyles, shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'
import { addBudgetCommand } from './credential-budget.ts'
import { addCredentialMaking } from './credential-making.ts'
import { addSecretReplacing } from './credential-secrets.ts'
import { addSharingCommands } from './credential-sharing.ts'
import { credentialArgument, showCredential } from './credential-view.ts'
import { limitOption, readLimit } from './options.ts'

const usageColumns: readonly Column<Usage['items'][number]>[] = [
  { title: 'Kind', cell: ({ kind }) => kind },
  { title: 'Id', cell: (item) => item.id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt) },
]
const columns: readonly Column<Credential>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Connector', cell: ({ connector }) => connector, whole: true, spare: 4 },
  { title: 'Method', cell: ({ method }) => method, whole: true, spare: 1 },
  {
    title: 'Status',
    cell: ({ status }) => status,
    style: ({ status }) => credentialStyles[status],
    whole: true,
  },
  { title: 'Account', cell: accountOf },
  { title: 'Uses', cell: ({ usageCount }) => String(usageCount), whole: true, spare: 3 },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt), whole: true, spare: 2 },
]

const listOptions = z.object({
  query: z.string().optional(),
  status: z.enum(credentialStatuses).optional(),
  connector: z.string().optional(),
  method: z.string().optional(),
})

export function addCredentialCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('credential').summary('how to reach an account of another system')

  group
    .command('list')
    .summary('list credentials')
    .option('--query <words>', 'words in name, description, account or tags')
    .addOption(new Option('--status <status>', 'only those with this status').choices(credentialStatuses))
    .option('--connector <id>', 'only those of this connector')
    .option('--method <id>', 'only those with this authentication method')
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const filter = listOptions.parse(options)
      const list = await context.pages(readLimit(options), (page) =>
        client.credentials.list({ query: { ...filter, ...page } }),
      )
      context.showList(list, columns, 'There are no credentials. Add one: latchwork credential add')
    })

  group
    .command('show')
    .summary('show one credential')
    .argument(...credentialArgument)
    .asking(async (client, reference: string) => {
      context.show(await findCredential(client, reference), (credential) =>
        showCredential(context, credential),
      )
    })

  addCredentialMaking(group, context)

  group
    .command('check')
    .summary('check a credential now')
    .description('Asks the other system whether it accepts the credential. Ends with 1 unless it does.')
    .argument(...credentialArgument)
    .asking(async (client, reference: string) => {
      const { id } = await findCredential(client, reference)
      const work = client.credentials.check({ params: { id } })
      const checked = await context.during('Checking', work)
      context.show(checked, () => showCredential(context, checked))
      if (checked.status !== 'verified') {
        throw new CommandError('failure', `The check ended with the status ${checked.status}.`)
      }
    })

  addSecretReplacing(group, context)

  group
    .command('usage')
    .summary('what uses a credential')
    .argument(...credentialArgument)
    .asking(async (client, reference: string) => {
      const { id } = await findCredential(client, reference)
      const usage = await client.credentials.usage({ params: { id } })
      const nothing =
        usage.hidden.length === 0 ? 'Nothing uses it.' : 'Nothing that is shared with you uses it.'
      context.showList(usage, usageColumns, nothing)
      if (context.json) return
      for (const { kind, owner, count, lastUsedAt } of usage.hidden) {
        const whose = owner === null ? 'that you may not see' : `of ${clean(owner.name)}`
        terminal.print(
          `and ${count} ${kind}${count === 1 ? '' : 's'} ${whose}, last used: ${shortTime(lastUsedAt)}`,
        )
      }
    })

  addBudgetCommand(group, context)

  group
    .command('delete')
    .summary('delete a credential that nothing uses')
    .argument(...credentialArgument)
    .option(
      '--stop-users',
      'also if it is used: the flows that need it pause, and their owners get a message',
    )
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const credential = await findCredential(client, reference)
      const { stopUsers } = z.object({ stopUsers: z.boolean().default(false) }).parse(options)
      const { items, hidden } = await client.credentials.usage({ params: { id: credential.id } })
      const users = items.length + hidden.reduce((sum, { count }) => sum + count, 0)
      const stops = stopUsers && users > 0 ? ` ${users} that use it stop.` : ''
      await confirmUnless(context, options, `Delete the credential ${clean(credential.name)}?${stops}`)
      await client.credentials.delete({
        params: { id: credential.id },
        query: stopUsers ? { stopUsers: 'true' } : {},
      })
      context.show({ deleted: credential.id }, () => terminal.print(`Deleted ${clean(credential.name)}.`))
    })

  addSharingCommands(group, context)
}
