import type { DoubtDecision, FoundRecord } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import type { Column } from '../table.ts'
import { runArgument } from './following.ts'

const foundColumns: readonly Column<FoundRecord>[] = [
  { title: 'Key', cell: ({ key }) => key, whole: true },
  { title: 'Name', cell: ({ name }) => name ?? '-' },
  { title: 'Created', cell: ({ createdAt }) => createdAt ?? '-', whole: true },
  { title: 'Belongs to', cell: ({ taken }) => (taken ? 'another record' : '-'), whole: true, spare: 1 },
]

const decisionOptions = z.object({ there: z.string().optional(), absent: z.boolean().default(false) })

/** `run quarantine find` and `run quarantine decide`: a record in doubt is looked for, and a person says whether it is there. */
export function addDoubtCommands(
  quarantine: ApiCommand,
  context: Context,
  recordArgument: readonly [string, string],
): void {
  const { terminal } = context
  quarantine
    .command('find')
    .summary('look in the destination for a record whose answer was lost')
    .argument(...runArgument)
    .argument(...recordArgument)
    .asking(async (client, id: string, record: string) => {
      const found = await client.runs.findDoubtful({ params: { id, record } })
      const by = found.by.map(({ label, value }) => `${label} “${value}”`).join(', ')
      context.showList(found, foundColumns, `There is nothing with ${by}.`)
      if (!context.json && found.more) terminal.print('There are more; these are the newest.')
    })

  quarantine
    .command('decide')
    .summary('say whether a record whose answer was lost is there')
    .argument(...runArgument)
    .argument(...recordArgument)
    .option('--there <key>', 'it is there under this key: it counts as created')
    .option('--absent', 'it is not there: a replay sends it again')
    .asking(async (client, id: string, record: string, options: unknown) => {
      const body = readDecision(options)
      const decided = await client.runs.decideDoubtful({ params: { id, record }, body })
      context.show(decided, ({ inQuarantine }) =>
        terminal.print(
          inQuarantine
            ? `It is to be sent again: latchwork run replay ${id} --record ${record}`
            : 'It counts as created, and has left the quarantine.',
        ),
      )
    })
}

/** @throws {CommandError} `usage` */
function readDecision(options: unknown): DoubtDecision {
  const { there, absent } = decisionOptions.parse(options)
  if (there !== undefined && !absent) return { there: true, key: there }
  if (there === undefined && absent) return { there: false }
  throw new CommandError('usage', 'Say either --there <key> or --absent.')
}
