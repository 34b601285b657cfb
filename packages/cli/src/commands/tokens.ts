import type { Token } from '@latchwork/contract'
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { Column } from '../table.ts'
import { shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'

const columns: readonly Column<Token>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Ends in', cell: ({ suffix }) => suffix, whole: true, spare: 2 },
  { title: 'Created', cell: ({ createdAt }) => shortTime(createdAt), whole: true, spare: 3 },
  { title: 'Expires', cell: ({ expiresAt }) => shortTime(expiresAt), whole: true, spare: 1 },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt), whole: true },
]
const never = 'never'
const createOptions = z.object({ days: z.union([z.number(), z.literal(never)]) })

export function addTokenCommands(program: Command, context: Context): void {
  const { terminal } = context
  const group = program.command('token').summary('API tokens of yours')

  group
    .command('list')
    .summary('list your API tokens')
    .action(async () => {
      const client = await context.client()
      context.showList(await client.tokens.list(), columns, 'There are no API tokens.')
    })

  group
    .command('create')
    .summary('make an API token')
    .description('Prints the new token to standard output, once: nobody can see it again.')
    .argument('<name>', 'what it is for')
    .option('--days <count>', 'how long it is valid, or "never" for one that does not expire', readDays, 90)
    .action(async (name: string, options: unknown) => {
      const { days } = createOptions.parse(options)
      const client = await context.client()
      const body = { name, expiresInDays: days === never ? null : days }
      const made = await client.tokens.create({ body })
      const { id, expiresAt } = made.token
      context.show(made, () => {
        terminal.note(
          `Made ${id}, valid ${expiresAt === null ? 'without an end' : `until ${shortTime(expiresAt)}`}.`,
        )
        terminal.print(made.secret)
      })
    })

  group
    .command('delete')
    .summary('revoke an API token')
    .argument('<token>', 'its id')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: unknown) => {
      const client = await context.client()
      await confirmUnless(context, options, `Revoke the API token ${id}?`)
      await client.tokens.delete({ params: { id } })
      context.show({ deleted: id }, () => terminal.print(`Revoked ${id}.`))
    })
}

/** Commander takes a null for no value: what never ends has a word of its own. */
function readDays(text: string): number | typeof never {
  if (text === never) return never
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days
  throw new InvalidArgumentError('It must be a whole number from 1 to 3650, or never.')
}
