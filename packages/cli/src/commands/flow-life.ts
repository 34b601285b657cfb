import type { Client, Flow, FlowOverlap, Lacking } from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findFlow, findSide } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { asking } from './asking.ts'
import { readStreams, withStreamOptions } from './streams.ts'

const overlapColumns: readonly Column<FlowOverlap>[] = [
  { title: 'Flow', cell: ({ flow }) => flow.id, whole: true },
  { title: 'Name', cell: ({ flow }) => flow.name },
  { title: 'Both write', cell: (overlap) => bothWrite(overlap) },
]
const lackingColumns: readonly Column<Lacking>[] = [
  { title: 'Side', cell: ({ side }) => side, whole: true },
  { title: 'What', cell: ({ message }) => message },
]
const moveOptions = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  schema: z.string().optional(),
  reread: z.boolean().default(false),
  again: z.boolean().default(false),
})

/** Copying a flow, giving it other sides, and what else writes where it writes. */
export function addFlowLifeCommands(flows: ApiCommand, context: Context): void {
  const { terminal } = context

  flows
    .command('duplicate')
    .summary('make a copy of a flow that is yours, without its schedule')
    .argument('<flow>', 'its id or its whole name')
    .option('--name <name>', 'what the copy is called; "Copy of …" if left out')
    .asking(async (client, reference: string, options: unknown) => {
      const { name } = z.object({ name: z.string().optional() }).parse(options)
      const { id } = await findFlow(client, reference)
      const copy = await client.flows.duplicate({ params: { id }, body: name === undefined ? {} : { name } })
      context.show(copy, () => terminal.print(`Made ${copy.id}: ${clean(copy.name)}. It runs by hand.`))
      await warnOfOverlaps(context, client, copy.id)
    })

  withStreamOptions(
    flows
      .command('move')
      .summary('give a flow another source, destination or schema')
      .description(
        'All streams of the flow are read whole again by its next run. Of a source of another system, say what is read.',
      )
      .argument('<flow>', 'its id or its whole name')
      .option('--from <source>', 'its new source: the id or the whole name')
      .option('--to <destination>', 'its new destination: the id or the whole name')
      .addOption(schemaOption())
      .option('--reread', 'do not ask before all streams are read whole again')
      .option('--again', 'do not ask where each run of its schedule makes records again'),
  ).asking(async (client, reference: string, options: unknown) => {
    const { from, to, schema, ...agreed } = moveOptions.parse(options)
    if (from === undefined && to === undefined && schema === undefined) {
      throw new CommandError('usage', 'Say where: with --from, --to, --schema or several of them.')
    }
    const before = await findFlow(client, reference)
    const sourceId = from === undefined ? before.source.id : (await findSide(client, 'source', from)).id
    const streams = await readStreams(client, sourceId, options)
    const body = {
      ...(from === undefined || sourceId === null ? {} : { sourceId }),
      ...(to === undefined ? {} : { destinationId: (await findSide(client, 'destination', to)).id }),
      ...(streams === null ? {} : { streams }),
      ...(schema === undefined ? {} : { schema: schema === '' ? null : schema }),
    }
    const flow = await asking(context, 'Nothing was changed.', agreed, (agreements) =>
      client.flows.update({ params: { id: before.id }, body: { ...body, ...agreements } }),
    )
    context.show(flow, () =>
      terminal.print(
        `${clean(flow.name)}: from ${clean(flow.source.name ?? '?')} to ${clean(flow.destination.name ?? '?')}, ${readsOf(flow)}.`,
      ),
    )
    await warnOfOverlaps(context, client, flow.id)
  })

  flows
    .command('lacking')
    .summary('list what a flow names of its accounts and they do not have')
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id } = await findFlow(client, reference)
      const { items } = await client.flows.lacking({ params: { id } })
      const list = { items, total: items.length }
      context.showList(list, lackingColumns, 'Its accounts have all that it names.')
    })

  flows
    .command('overlaps')
    .summary('list other flows that write to a table or file of a flow')
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id } = await findFlow(client, reference)
      const { items, hidden } = await client.flows.overlaps({ params: { id } })
      const total = items.length + hidden
      context.showList({ items, total }, overlapColumns, 'No other flow that you may see writes there.')
    })
}

/** The schema of a flow's own. */
export const schemaOption = (): Option =>
  new Option(
    '--schema <name>',
    'a schema of its own for its tables, made if it is missing; "" for that of its destination',
  )

/** Says after a change which other flows write to a table or file of the flow. */
export async function warnOfOverlaps({ terminal }: Context, client: Client, id: string): Promise<void> {
  const { items, hidden } = await client.flows.overlaps({ params: { id } })
  for (const overlap of items)
    terminal.note(`Warning: ${clean(overlap.flow.name)} writes ${bothWrite(overlap)}, too.`)
  if (hidden > 0)
    terminal.note(
      `Warning: ${hidden === 1 ? '1 flow' : `${hidden} flows`} that you may not see ${hidden === 1 ? 'writes' : 'write'} there, too.`,
    )
}

function bothWrite({ kind, names, count }: FlowOverlap): string {
  if (count === 0) return `the same ${kind}s`
  const more = count > names.length ? ` and ${count - names.length} more` : ''
  return `the ${count === 1 ? kind : `${kind}s`} ${clean(names.join(', '))}${more}`
}

/** What a flow reads, as the rest of a sentence. */
export function readsOf({ streams }: Flow): string {
  if (streams === null) return 'it reads what the form of its source says'
  if (streams.everything) return 'it reads everything'
  return `it reads ${streams.chosen.map(({ stream, mode }) => clean(`${stream} (${mode})`)).join(', ')}`
}
