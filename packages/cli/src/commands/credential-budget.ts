import {
  type BudgetConsumer,
  type BudgetGroup,
  budgetSpanNames,
  type CredentialBudget,
  limitOfSpan,
} from '@latchwork/contract'
import { Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { findCredential } from '../find.ts'
import type { Column } from '../table.ts'
import { formatTable } from '../table.ts'
import { shortTime } from '../words.ts'
import { credentialArgument } from './credential-view.ts'

const budgetOptions = z.object({ by: z.enum(budgetSpanNames), group: z.string().optional() })

const whoWords: Readonly<Record<BudgetConsumer['kind'], string>> = {
  flow: 'flow',
  pass: 'pass',
  checks: 'checks',
  page: 'the page',
  others: 'others',
}
const counts: readonly Column<Pick<BudgetConsumer, 'requests' | 'waited' | 'putOff'>>[] = [
  { title: 'Requests', cell: ({ requests }) => String(requests), whole: true },
  { title: 'Waited', cell: ({ waited }) => String(waited), whole: true },
  {
    title: 'Told to wait',
    cell: ({ putOff }) => String(putOff),
    style: ({ putOff }) => (putOff === 0 ? undefined : 'yellow'),
    whole: true,
  },
]
const consumerColumns: readonly Column<BudgetConsumer>[] = [
  { title: 'Who', cell: ({ kind, name }) => (name === null ? whoWords[kind] : `${whoWords[kind]} ${name}`) },
  ...counts,
]

/** `latchwork credential budget`: who used what Close allows a credential. */
export function addBudgetCommand(group: ApiCommand, context: Context): void {
  group
    .command('budget')
    .summary('who used what Close allows a credential')
    .description(
      'Shows each flow, pass and check that sent requests with the credential, the groups of endpoints that Close ' +
        'limits, and the limits that Close named.',
    )
    .argument(...credentialArgument)
    .addOption(
      new Option('--by <span>', 'minute: the last hour; hour: the last day')
        .choices(budgetSpanNames)
        .default('minute'),
    )
    .option('--group <group>', 'only this group of endpoints, e.g. "GET lead"')
    .asking(async (client, reference: string, options: unknown) => {
      const query = budgetOptions.parse(options)
      const { id } = await findCredential(client, reference)
      const budget = await client.credentials.budget({ params: { id }, query })
      context.show(budget, () => showBudget(context, budget))
    })
}

function showBudget({ terminal }: Context, { by, consumers, groups, spans }: CredentialBudget): void {
  const span = by === 'minute' ? 'the last hour' : 'the last day'
  if (groups.length === 0) {
    terminal.note(`Nothing was asked of Close with it in ${span}.`)
    return
  }
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.print(line)
  }
  print(formatTable(terminal, consumerColumns, consumers))
  terminal.print('')
  print(formatTable(terminal, groupColumns(by), groups))
  const busiest = spans.reduce((most, each) => (each.requests > most.requests ? each : most))
  if (busiest.requests > 0)
    terminal.note(
      `The busiest ${by} of ${span}: ${busiest.requests} requests, from ${shortTime(busiest.at)}.`,
    )
}

function groupColumns(by: CredentialBudget['by']): readonly Column<BudgetGroup>[] {
  const limit = (of: BudgetGroup['limit']) => (of === null ? '-' : String(limitOfSpan(of, by)))
  return [
    { title: 'Endpoints', cell: ({ group }) => (group === '' ? 'others' : group) },
    ...counts,
    { title: `Limit of a${by === 'hour' ? 'n' : ''} ${by}`, cell: (each) => limit(each.limit), whole: true },
    {
      title: 'Of the organization',
      cell: ({ organizationLimit }) => limit(organizationLimit),
      whole: true,
      spare: 1,
    },
  ]
}
