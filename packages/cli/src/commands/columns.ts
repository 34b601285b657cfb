import { allColumns, type CalledColumn, type FlowColumn } from '@latchwork/contract'
import type { Command } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findFlow } from '../find.ts'
import type { Column } from '../table.ts'

interface Row extends CalledColumn {
  readonly stream: string
}

const columns: readonly Column<Row>[] = [
  { title: 'Stream', cell: ({ stream }) => stream, whole: true },
  { title: 'Column', cell: ({ name }) => name },
  { title: 'Label', cell: ({ label }) => label, spare: 1 },
  { title: 'In the destination', cell: ({ as }) => as, whole: true },
  { title: 'By the new names', cell: ({ next }) => next, spare: 2 },
  {
    title: 'Type',
    cell: ({ type, changedTo }) => (changedTo === null ? type : `${type}, now ${changedTo}`),
    whole: true,
  },
]

/** `latchwork flow columns`: what the columns of a flow are called, and what becomes of those that changed. */
export function addColumnCommands(flows: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = flows.command('columns').summary('what columns are called in the destination')

  group
    .command('list')
    .summary('list the columns of the last run of each stream')
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id } = await findFlow(client, reference)
      const { items } = await client.flows.columns({ params: { id } })
      const rows = items.flatMap((each) => each.columns.map((column) => ({ ...column, stream: each.stream })))
      context.showList({ items: rows, total: rows.length }, columns, 'This flow has not run yet.')
    })

  group
    .command('take-names')
    .summary('call the columns as people call them now')
    .description('The next run renames them in the destination.')
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id } = await findFlow(client, reference)
      const taken = await client.flows.takeNames({ params: { id } })
      context.show(taken, () => terminal.print('The next run takes the new names.'))
    })

  group
    .command('choose')
    .summary('decide what becomes of a column whose type has changed')
    .description(
      'new_column: it gets another column, and the one of before stays with what it has. same_column: its column becomes wide enough for both. The next run reads the stream from the start.',
    )
    .argument('<flow>', 'its id or its whole name')
    .argument('<stream>', 'the name of the stream')
    .argument('<column>', 'the name of the column in the source')
    .argument('<choice>', 'new_column or same_column')
    .asking(async (client, reference: string, stream: string, column: string, choice: string) => {
      const asked = z.enum(['new_column', 'same_column']).safeParse(choice)
      if (!asked.success) throw new CommandError('usage', 'The choice is new_column or same_column.')
      const { id } = await findFlow(client, reference)
      const left = await client.flows.chooseColumn({
        params: { id },
        body: { stream, column, choice: asked.data },
      })
      context.show(left, () => terminal.print('The next run reads the stream from the start.'))
    })
}

export function withColumnOption<C extends Command>(command: C): C {
  command.option(
    '--column <stream:column[=name]>',
    'a column that is read of a stream, as often as there are columns, and its name in the destination; * is all of them',
    (text: string, before: readonly string[] = []) => [...before, text],
  )
  return command
}

/** What `--column` was given, as it was typed. */
export function columnTexts(options: unknown): readonly string[] {
  return z.object({ column: z.array(z.string()).default([]) }).parse(options).column
}

/**
 * The columns that the options name, by stream.
 * @param streams those that are chosen
 * @throws {CommandError} `usage`
 */
export function readColumnOptions(
  options: unknown,
  streams: readonly string[],
): ReadonlyMap<string, FlowColumn[]> {
  const named = new Map<string, FlowColumn[]>()
  for (const text of columnTexts(options)) {
    const [, stream = '', name = '', as] = /^([^:]*):([^=]+)(?:=(.+))?$/.exec(text) ?? []
    if (!streams.includes(stream)) {
      throw new CommandError(
        'usage',
        `Say --column as stream:column or stream:column=name, with a stream of --stream, not ${JSON.stringify(text)}.`,
      )
    }
    const column = as === undefined || name === allColumns ? name : { name, as }
    named.set(stream, [...(named.get(stream) ?? []), column])
  }
  return named
}
