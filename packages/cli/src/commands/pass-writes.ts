import type { Client, FieldChange, PassWrite, PassWriteDetails } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { findPass } from '../find.ts'
import type { Column } from '../table.ts'
import { exactTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'

const passArgument = ['<pass>', 'its id, or its whole name'] as const
const writeArgument = ['<write>', 'its id, as "pass writes" lists it'] as const

const columns: readonly Column<PassWrite>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'State', cell: ({ state }) => state, whole: true },
  { title: 'Method', cell: ({ method }) => method, whole: true },
  { title: 'Path', cell: ({ path }) => path },
  { title: 'Asked', cell: ({ createdAt }) => exactTime(createdAt), whole: true },
  { title: 'Waits until', cell: ({ expiresAt }) => exactTime(expiresAt), whole: true, spare: 1 },
  { title: 'Decided by', cell: ({ decidedBy }) => decidedBy?.name ?? '', spare: 2 },
]

/** The commands of writes that wait for a person. */
export function addPassWriteCommands(group: ApiCommand, context: Context): void {
  const { terminal } = context
  group
    .command('writes')
    .summary('writes of a pass that wait for a person, and the last ones that were decided')
    .argument(...passArgument)
    .option('--all', 'also those that were decided')
    .asking(async (client, reference: string, options: unknown) => {
      const { all } = z.object({ all: z.boolean().default(false) }).parse(options)
      const { id } = await findPass(client, reference)
      const { items } = await client.passWrites.list({ params: { id } })
      const shown = all ? items : items.filter(({ state }) => state === 'waiting')
      context.showList({ items: shown }, columns, 'No write waits.')
    })

  group
    .command('write')
    .summary('what a write would change, before and after')
    .argument(...passArgument)
    .argument(...writeArgument)
    .asking(async (client, reference: string, writeId: string) => {
      const write = await client.passWrites.get(await paramsOf(client, reference, writeId))
      context.show(write, () => showWrite(context, write))
    })

  group
    .command('confirm')
    .summary('send a write that waits')
    .argument(...passArgument)
    .argument(...writeArgument)
    .confirmed()
    .asking(async (client, reference: string, writeId: string, options: unknown) => {
      const about = await paramsOf(client, reference, writeId)
      const { method, path, changes, seen } = await client.passWrites.get(about)
      const fields = changes.map(fieldWords).join(', ')
      await confirmUnless(context, options, `Send ${method} ${path} (${fields}) to Close?`)
      const write = await client.passWrites.confirm({ ...about, query: { seen } })
      context.show(write, () => terminal.print(`${write.id}: ${write.state}.`))
    })

  group
    .command('refuse')
    .summary('refuse a write that waits; it is never sent')
    .argument(...passArgument)
    .argument(...writeArgument)
    .asking(async (client, reference: string, writeId: string) => {
      const write = await client.passWrites.refuse(await paramsOf(client, reference, writeId))
      context.show(write, () => terminal.print(`Refused ${write.id}.`))
    })
}

async function paramsOf(client: Client, reference: string, writeId: string) {
  const { id } = await findPass(client, reference)
  return { params: { id, writeId } }
}

/** A custom field by its label, with the id that Close's API knows. */
function fieldWords({ field, label }: FieldChange): string {
  return label === null ? field : `${label} (${field})`
}

function showWrite(context: Context, write: PassWriteDetails): void {
  context.showDetails([
    ['Id', write.id],
    ['State', write.state],
    ['Request', `${write.method} ${write.path}`],
    ['Record', write.record ?? ''],
    ['Not known', write.unread ?? ''],
    ...write.changes.map(
      (change) =>
        [fieldWords(change), `${change.before ?? '-'} -> ${change.after ?? '-'}`] as [string, string],
    ),
    ['More fields', write.moreFields === 0 ? '' : String(write.moreFields)],
  ])
}
