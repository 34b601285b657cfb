import { type Run, type RunLogEntry, runStarterSchema, runStatuses, starterWords } from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { findFlow } from '../find.ts'
import type { Column } from '../table.ts'
import { runStyles, shortTime } from '../words.ts'
import { runArgument } from './following.ts'
import { limitOption, readEnd, readLimit, readTime } from './options.ts'

const runColumns: readonly Column<Run>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Flow', cell: ({ flowName }) => flowName },
  { title: 'Status', cell: ({ status }) => status, style: ({ status }) => runStyles[status], whole: true },
  { title: 'Read', cell: ({ recordsRead }) => String(recordsRead), whole: true, spare: 1 },
  { title: 'Written', cell: ({ recordsWritten }) => String(recordsWritten), whole: true },
  { title: 'Refused', cell: ({ recordsRefused }) => String(recordsRefused), whole: true },
  { title: 'Deleted', cell: ({ recordsDeleted }) => String(recordsDeleted), whole: true, spare: 3 },
  { title: 'Started', cell: ({ startedAt }) => shortTime(startedAt), whole: true, spare: 2 },
  { title: 'By', cell: starterWords, spare: 4 },
]
const logColumns: readonly Column<RunLogEntry>[] = [
  { title: 'When', cell: ({ at }) => shortTime(at), whole: true },
  { title: 'Stage', cell: ({ stage }) => stage, whole: true },
  { title: 'What', cell: ({ message }) => message },
]
const filterOptions = z.object({
  flow: z.string().optional(),
  status: z.enum(runStatuses).optional(),
  starter: runStarterSchema.optional(),
  by: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
})

/** `run list` and `run log`. */
export function addRunListCommands(runs: ApiCommand, context: Context): void {
  runs
    .command('list')
    .summary('list runs, newest first')
    .option('--flow <flow>', 'only those of this flow: its id or its whole name')
    .addOption(new Option('--status <status>', 'only those with this status').choices(runStatuses))
    .addOption(
      new Option('--starter <kind>', 'only those that this has begun').choices(runStarterSchema.options),
    )
    .option('--by <person>', 'only those that this person has begun, by the name that they had then')
    .option('--since <when>', 'only those asked for since this day or time', readTime)
    .option('--until <when>', 'only those asked for until this day or time', readEnd)
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const { flow, by, since, until, ...filter } = filterOptions.parse(options)
      const flowId = flow === undefined ? undefined : (await findFlow(client, flow)).id
      const list = await context.pages(readLimit(options), (page) =>
        client.runs.list({ query: { ...filter, flowId, startedBy: by, from: since, to: until, ...page } }),
      )
      context.showList(list, runColumns, 'There are no such runs.')
    })

  runs
    .command('log')
    .summary('show a run by its stages')
    .argument(...runArgument)
    .asking(async (client, id: string) => {
      context.showList(await client.runs.log({ params: { id } }), logColumns, 'Nothing has happened yet.')
    })
}
