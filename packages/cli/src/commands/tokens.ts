import type { Token } from '@latchwork/contract'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
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

export function addTokenCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('token').summary('API tokens of yours')

  group
    .command('list')
    .summary('list your API tokens')
    .asking(async (client) => {
      context.showList(await client.tokens.list(), columns, 'There are no API tokens.')
    })

  group
    .command('create')
    .summary('make an API token')
    .description(
      'Prints the new token to standard output, once: nobody can see it again. It does not outlive the token that this ' +
        'terminal is signed in by.',
    )
    .argument('<name>', 'what it is for')
    .option('--days <count>', 'how long it is valid, or "never" for one that does not expire', readDays, 90)
    .asking(async (client, name: string, options: unknown) => {
      const { days } = createOptions.parse(options)
      const body = { name, expiresInDays: days === never ? null : days }
      const made = await client.tokens.create({ body })
      context.show(made, ({ token, secret }) => {
        const { id, expiresAt } = token
        terminal.note(
          `Made ${id}, valid ${expiresAt === null ? 'without an end' : `until ${shortTime(expiresAt)}`}.`,
        )
        if (isShortened(token, days))
          terminal.note('It ends with the token that this terminal is signed in by.')
        terminal.print(secret)
      })
    })

  group
    .command('delete')
    .summary('revoke an API token')
    .argument('<token>', 'its id')
    .confirmed()
    .asking(async (client, id: string, options: unknown) => {
      await confirmUnless(context, options, `Revoke the API token ${id}?`)
      await client.tokens.delete({ params: { id } })
      context.show({ deleted: id }, () => terminal.print(`Revoked ${id}.`))
    })
}

function isShortened({ createdAt, expiresAt }: Token, days: number | typeof never): boolean {
  if (expiresAt === null) return false
  return days === never || Date.parse(expiresAt) - Date.parse(createdAt) < days * 86_400_000 - 60_000
}

/** Commander treats null as no value, so a token without an end has its own word. */
function readDays(text: string): number | typeof never {
  if (text === never) return never
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days
  throw new InvalidArgumentError('It must be a whole number from 1 to 3650, or never.')
}
