import type { PassCall } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findPass } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { exactTime } from '../words.ts'
import { limitOption, readLimit } from './options.ts'

const callColumns: readonly Column<PassCall>[] = [
  { title: 'At', cell: ({ at }) => exactTime(at), whole: true },
  { title: 'Method', cell: ({ method }) => method, whole: true },
  { title: 'Path', cell: ({ path }) => path },
  { title: 'Status', cell: ({ status }) => String(status ?? '-'), whole: true },
  { title: 'ms', cell: ({ ms }) => String(ms), whole: true, spare: 1 },
  { title: 'Decision', cell: ({ decision, rule, code }) => `${decision} ${rule ?? code ?? ''}`.trim() },
  { title: 'From', cell: ({ address }) => address, whole: true, spare: 2 },
]

/** The commands of the calls that passes made. */
export function addPassCallCommands(group: ApiCommand, context: Context): void {
  const { terminal } = context
  group
    .command('calls')
    .summary('the calls of a pass, the newest first')
    .argument('<pass>', 'its id, or its whole name')
    .option('--denied', 'only those that were refused')
    .addOption(limitOption())
    .asking(async (client, reference: string, options: unknown) => {
      const { denied } = z.object({ denied: z.boolean().default(false) }).parse(options)
      const { id } = await findPass(client, reference)
      const decision = denied ? ({ decision: 'denied' } as const) : {}
      const list = await context.pages(readLimit(options), (page) =>
        client.passes.calls({ params: { id }, query: { ...page, ...decision } }),
      )
      context.showList(list, callColumns, 'There are no calls.')
    })

  group
    .command('verify')
    .summary('compare the stored calls of all passes with their seals in the audit log')
    .description('Ends with 1 if a call was changed or removed.')
    .asking(async (client) => {
      const seals = await context.during('Reading the calls', client.passes.verify())
      context.show(seals, ({ intact, hours }) => {
        if (intact) terminal.print(`The calls of passes are intact: ${hours} sealed hours.`)
      })
      if (seals.fault !== null) throw new CommandError('failure', clean(seals.fault.message))
    })
}
