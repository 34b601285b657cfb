import { counted, parseExactly, type Quarantined, type QuarantineGroup, valueIn } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { shortBytes } from '../progress.ts'
import { openAnswer, receive, refuseIfThere, standardOutput } from '../streamed-answer.ts'
import type { Column } from '../table.ts'
import { confirmUnless } from './confirming.ts'
import { addDoubtCommands } from './doubt.ts'
import { endAs, followRun, runArgument, showRun } from './following.ts'
import { collect, limitOption, readLimit } from './options.ts'

const groupColumns: readonly Column<QuarantineGroup>[] = [
  { title: 'Group', cell: ({ id }) => id, whole: true },
  { title: 'Records', cell: ({ count }) => String(count), whole: true },
  { title: 'Replayable', cell: ({ whole }) => String(whole), whole: true, spare: 1 },
  { title: 'Reason', cell: ({ message }) => message },
]
const recordColumns: readonly Column<Quarantined>[] = [
  { title: 'Record', cell: ({ id }) => id, whole: true },
  { title: 'Row', cell: ({ row }) => (row === null ? '-' : String(row)), whole: true, spare: 1 },
  { title: 'Name', cell: ({ name, key }) => name ?? key ?? '-' },
  { title: 'Reason', cell: ({ message }) => message },
]
const selectionOptions = z.object({ record: z.array(z.string()).optional(), group: z.string().optional() })
const fileOptions = z.object({
  out: z.string(),
  force: z.boolean().default(false),
  group: z.string().optional(),
})

const recordArgument = ['<record>', 'its number in the quarantine'] as const

/** `run quarantine …`, `run replay` and `run delete`. */
export function addQuarantineCommands(runs: ApiCommand, context: Context): void {
  const { terminal } = context
  const quarantine = runs.command('quarantine').summary('records that the destination refused')

  quarantine
    .command('groups')
    .summary('why records were refused, equal reasons together')
    .argument(...runArgument)
    .asking(async (client, id: string) => {
      const { items } = await client.runs.quarantineGroups({ params: { id } })
      context.showList({ items }, groupColumns, 'There is nothing in quarantine.')
    })

  quarantine
    .command('list')
    .summary('list refused records')
    .argument(...runArgument)
    .option('--group <group>', 'only those of this group')
    .option('--query <words>', 'words in the key or the reason')
    .addOption(limitOption())
    .asking(async (client, id: string, options: unknown) => {
      const { group, query } = z
        .object({ group: z.string().optional(), query: z.string().optional() })
        .parse(options)
      const list = await context.pages(readLimit(options), (page) =>
        client.runs.quarantine({ params: { id }, query: { group, query, ...page } }),
      )
      context.showList(list, recordColumns, 'There is nothing in quarantine.')
    })

  quarantine
    .command('show')
    .summary('show a refused record, as JSON, with nothing cut')
    .argument(...runArgument)
    .argument(...recordArgument)
    .asking(async (client, id: string, record: string) => {
      const found = await client.runs.getQuarantined({ params: { id, record } })
      context.show(found, () => terminal.print(JSON.stringify(found.record, null, 2)))
    })

  quarantine
    .command('edit')
    .summary('put values of a refused record right')
    .argument(...runArgument)
    .argument(...recordArgument)
    .requiredOption(
      '--set <column=value>',
      'a value to put in; JSON for a nested one. May be repeated',
      collect,
    )
    .asking(async (client, id: string, record: string, options: unknown) => {
      const { set } = z.object({ set: z.array(z.string()) }).parse(options)
      const before = await client.runs.getQuarantined({ params: { id, record } })
      const values = Object.fromEntries(set.map((pair) => assignment(pair, before)))
      const was = Object.fromEntries(
        Object.keys(values).map((name) => [name, valueIn(before.record, name) ?? null]),
      )
      const edited = await client.runs.editQuarantined({ params: { id, record }, body: { values, was } })
      context.show(edited, ({ name, key }) =>
        terminal.print(`Changed ${name ?? key ?? `record ${record}`}. Replay it to write it.`),
      )
    })

  quarantine
    .command('csv')
    .summary('write refused records as CSV')
    .argument(...runArgument)
    .option('--group <group>', 'only those of this group')
    .option('--out <file>', `where to; "${standardOutput}" for standard output`, standardOutput)
    .option('--force', 'replace the file if it is there')
    .action(async (id: string, options: unknown) => {
      const { out, force, group } = fileOptions.parse(options)
      refuseIfThere(out, force)
      const narrowed = group === undefined ? '' : `?${new URLSearchParams({ group })}`
      const path = `/api/runs/${encodeURIComponent(id)}/quarantine.csv${narrowed}`
      const received = await receive(context, await openAnswer(context, path, { method: 'GET' }), out, force)
      if (out === standardOutput) return
      context.show({ file: out, ...received }, ({ bytes }) =>
        terminal.print(`Saved ${out}, ${shortBytes(bytes)}.`),
      )
    })

  addDoubtCommands(quarantine, context, recordArgument)

  withSelection(quarantine.command('drop').summary('erase refused records for good'))
    .confirmed()
    .asking(async (client, id: string, options: unknown) => {
      const body = readSelection(options)
      const what = body.ids === undefined ? 'what is chosen' : counted(body.ids.length, 'record')
      await confirmUnless(context, options, `Erase ${what} from the quarantine of ${id} for good?`)
      const result = await client.runs.dropQuarantined({ params: { id }, body })
      context.show(result, ({ dropped }) => terminal.print(`Dropped ${counted(dropped, 'record')}.`))
    })

  withSelection(runs.command('replay').summary('write refused records again'))
    .description(
      'Starts a run that reads the quarantine. What it writes leaves the quarantine; what is refused again stays, with the new reason.',
    )
    .option('--wait', 'wait until the run has finished')
    .asking(async (client, id: string, options: unknown) => {
      const { wait } = z.object({ wait: z.boolean().default(false) }).parse(options)
      const started = await client.runs.replay({ params: { id }, body: readSelection(options) })
      const run = await followRun(context, client, started, wait)
      context.show(run, () => showRun(context, run))
      if (wait) endAs(run)
    })

  runs
    .command('delete')
    .summary('delete a run, with what is kept of its records')
    .argument(...runArgument)
    .confirmed()
    .asking(async (client, id: string, options: unknown) => {
      await confirmUnless(context, options, `Delete the run ${id}, and its quarantine?`)
      await client.runs.delete({ params: { id } })
      context.show({ id }, () => terminal.print(`Deleted ${id}.`))
    })
}

function withSelection(command: ApiCommand): ApiCommand {
  return command
    .argument(...runArgument)
    .option('--record <record>', 'only this one, by its number; may be repeated', collect)
    .option('--group <group>', 'only those of this group; otherwise all')
}

function readSelection(options: unknown): { ids?: string[]; group?: string } {
  const { record, group } = selectionOptions.parse(options)
  return {
    ...(record === undefined ? {} : { ids: record }),
    ...(group === undefined ? {} : { group }),
  }
}

/** `column=value`, the value of the kind that is there. @throws {CommandError} `usage` */
function assignment(pair: string, { record }: Quarantined): [string, unknown] {
  const at = pair.indexOf('=')
  if (at < 1) throw new CommandError('usage', `--set takes column=value, not ${JSON.stringify(pair)}.`)
  const [column, text] = [pair.slice(0, at), pair.slice(at + 1)]
  const before = valueIn(record, column)
  if (text === '' && typeof before !== 'string') return [column, null]
  if (typeof before === 'string' || before === undefined || before === null) return [column, text]
  try {
    return [column, parseExactly(text)]
  } catch {
    return [column, text]
  }
}
