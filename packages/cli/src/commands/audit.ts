import { resolve } from 'node:path'
import { type AuditEntry, type AuditFilter, auditResults, type Client } from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findMember } from '../find.ts'
import { shortBytes } from '../progress.ts'
import { openAnswer, receive, refuseIfThere, standardOutput } from '../streamed-answer.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { limitOption, readEnd, readLimit, readTime } from './options.ts'

const largestPage = 200
const columns: readonly Column<AuditEntry>[] = [
  { title: 'No.', cell: ({ sequence }) => String(sequence), whole: true },
  { title: 'When', cell: ({ at }) => shortTime(at), whole: true },
  // Anybody can choose a name; the address identifies the member.
  {
    title: 'Who',
    cell: ({ actor }) => (actor.email === null ? actor.name : `${actor.name} <${actor.email}>`),
  },
  { title: 'Did', cell: ({ action }) => action, whole: true },
  {
    title: 'What',
    cell: ({ object }) => (object === null ? '' : object.name === '' ? object.id : object.name),
  },
  {
    title: 'Result',
    cell: ({ result, reason }) => (reason === null ? result : `${result}: ${reason}`),
    style: ({ result }) => (result === 'ok' ? undefined : 'red'),
  },
  { title: 'From', cell: ({ address }) => address ?? '', whole: true, spare: 1 },
]
const filterOptions = z.object({
  actor: z.string().optional(),
  action: z.string().optional(),
  object: z.string().optional(),
  result: z.enum(auditResults).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
})
const exportOptions = z.object({ out: z.string(), force: z.boolean().default(false) })

export function addAuditCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('audit').summary('what was done, by whom and from where')

  withFilters(group.command('list').summary('list entries, newest first'))
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const filter = await readFilter(client, options)
      const limit = readLimit(options)
      const items: AuditEntry[] = []
      for (let cursor: string | undefined; items.length < limit; ) {
        const asked = { ...filter, limit: Math.min(limit - items.length, largestPage), cursor }
        const page = await context.during('Reading the log', client.audit.list({ query: asked }))
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
    .asking(async (client) => {
      const verdict = await context.during('Reading the whole log', client.audit.verify())
      context.show(verdict, ({ intact, entries, acceptedAt, removedTo }) => {
        if (!intact) return
        terminal.print(`The audit log is intact: ${entries} entries.`)
        if (acceptedAt !== null)
          terminal.print(`The entries before ${acceptedAt} are as they were accepted then.`)
        if (removedTo !== null)
          terminal.print(`The entries up to ${removedTo} were removed by age, as the log says.`)
      })
      const { fault } = verdict
      if (fault === null) return
      throw new CommandError('failure', `${clean(fault.message)} (entry ${fault.sequence}: ${fault.kind})`)
    })

  withFilters(group.command('export').summary('write entries as JSON lines, oldest first'))
    .description(
      'Writes entries as JSON lines, oldest first: each with the hash of the one before in its own, so that the log can ' +
        'be compared with what was exported earlier.',
    )
    .option('--out <file>', `where to; "${standardOutput}" for standard output`, standardOutput)
    .option('--force', 'replace the file if it is there')
    .action(async (options: unknown) => {
      const { out, force } = exportOptions.parse(options)
      refuseIfThere(out, force)
      const filter = await readFilter(await context.client(), options)
      const given = Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined)
      const path = `/api/audit/export?${new URLSearchParams(given)}`
      const received = await receive(context, await openAnswer(context, path, { method: 'GET' }), out, force)
      if (out === standardOutput) return
      context.show({ file: resolve(out), ...received }, ({ bytes }) =>
        terminal.print(`Saved ${out}, ${shortBytes(bytes)}.`),
      )
    })
}

function withFilters(command: ApiCommand): ApiCommand {
  return command
    .option('--actor <member>', 'only what this member did: id or email address')
    .option('--action <action>', 'only this action, or all of a kind: "credential."')
    .option('--object <id>', 'only what was done to this thing')
    .addOption(new Option('--result <result>', 'only entries with this outcome').choices(auditResults))
    .option('--from <time>', 'not before: 2026-03-04, or 2026-03-04T05:06:00Z', readTime)
    .option('--to <time>', 'not after this time; a day counts to its end', readEnd)
}

async function readFilter(client: Client, options: unknown): Promise<AuditFilter> {
  const { actor, object, ...rest } = filterOptions.parse(options)
  const actorId = actor?.includes('@') === true ? (await findMember(client, actor)).id : actor
  return { actorId, objectId: object, ...rest }
}
