import { type AuditEntry, auditResults } from '@latchwork/contract'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { limitOption, readLimit } from './limit.ts'

const largestPage = 200
const columns: readonly Column<AuditEntry>[] = [
  { title: 'No.', cell: ({ sequence }) => String(sequence), whole: true },
  { title: 'When', cell: ({ at }) => shortTime(at), whole: true },
  { title: 'Who', cell: ({ actor }) => actor.name },
  { title: 'Did', cell: ({ action }) => action },
  {
    title: 'What',
    cell: ({ object }) => (object === null ? '' : object.name === '' ? object.id : object.name),
  },
  {
    title: 'Result',
    cell: ({ result, reason }) => (reason === null ? result : `${result}: ${reason}`),
    style: ({ result }) => (result === 'ok' ? undefined : 'red'),
  },
  { title: 'From', cell: ({ address }) => address ?? '' },
]
const listOptions = z.object({
  actor: z.string().optional(),
  action: z.string().optional(),
  object: z.string().optional(),
  result: z.enum(auditResults).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
})

export function addAuditCommands(program: Command, context: Context): void {
  const { terminal } = context
  const group = program.command('audit').summary('what was done, by whom and from where')

  group
    .command('list')
    .summary('list entries, newest first')
    .option('--actor <id>', 'only what this member did')
    .option('--action <action>', 'only this action, or all of a kind: "credential."')
    .option('--object <id>', 'only what was done to this thing')
    .addOption(new Option('--result <result>', 'only what ended so').choices(auditResults))
    .option('--from <time>', 'not before, for example 2026-03-04T00:00:00Z')
    .option('--to <time>', 'not after')
    .addOption(limitOption())
    .action(async (options: unknown) => {
      const { actor, object, ...rest } = listOptions.parse(options)
      const client = await context.client()
      const query = { actorId: actor, objectId: object, ...rest }
      const limit = readLimit(options)
      const items: AuditEntry[] = []
      for (let cursor: string | undefined; items.length < limit; ) {
        const asked = { ...query, limit: Math.min(limit - items.length, largestPage), cursor }
        const page = await terminal.during('Reading the log', client.audit.list({ query: asked }))
        items.push(...page.items)
        if (page.nextCursor === null) break
        cursor = page.nextCursor
      }
      context.showList({ items }, columns, 'There are no such entries.')
    })

  group
    .command('verify')
    .summary('look for altered, removed or reordered entries')
    .description('Ends with 1 if the log is not intact.')
    .action(async () => {
      const client = await context.client()
      const verdict = await terminal.during('Reading the whole log', client.audit.verify())
      context.show(verdict, ({ intact, entries }) => {
        if (intact) terminal.print(`The audit log is intact: ${entries} entries.`)
      })
      const { fault } = verdict
      if (fault === null) return
      throw new CommandError('failure', `Entry ${fault.sequence}: ${clean(fault.message)} (${fault.kind})`)
    })
}
