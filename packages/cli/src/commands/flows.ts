import { type Flow, rereadSentence, rereadStreams, scheduleWords } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findFlow, findSide } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { runStyles, shortTime } from '../words.ts'
import { asking } from './asking.ts'
import { addColumnCommands } from './columns.ts'
import { confirmUnless } from './confirming.ts'
import { addFlowAlertsCommand } from './flow-alerts.ts'
import { addFlowLifeCommands, readsOf, schemaOption, warnOfOverlaps } from './flow-life.ts'
import { runArgument, showRun } from './following.ts'
import { limitOption, readLimit } from './options.ts'
import { addQuarantineCommands } from './quarantine.ts'
import { addRunListCommands } from './run-list.ts'
import { addRunningCommands } from './running.ts'
import { readSchedule, scheduleOptions } from './schedule.ts'
import { compareOption, comparisonOption, readStreams, withStreamOptions } from './streams.ts'

/** The name of a flow's side that is not shared with the caller. */
const hiddenName = '(not shared with you)'
const flowColumns: readonly Column<Flow>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'From', cell: ({ source }) => source.name ?? hiddenName },
  { title: 'To', cell: ({ destination }) => destination.name ?? hiddenName },
  {
    title: 'Last run',
    cell: ({ lastRun }) => lastRun?.status ?? '-',
    style: ({ lastRun }) => (lastRun === null ? undefined : runStyles[lastRun.status]),
    whole: true,
  },
  {
    title: 'Needs',
    cell: ({ attention }) => (attention === null ? '-' : attention.kind),
    whole: true,
    spare: 2,
  },
  {
    title: 'Next run',
    cell: ({ nextRunAt, paused }) => (paused === null ? shortTime(nextRunAt) : 'paused'),
    whole: true,
    spare: 1,
  },
]
const listOptions = z.object({ query: z.string().optional(), attention: z.boolean().default(false) })

export function addFlowCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const flows = program.command('flow').summary('a source feeding a destination')

  flows
    .command('list')
    .summary('list flows')
    .option('--query <words>', 'words in the name or description')
    .option('--attention', 'only those that need somebody')
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const { query, attention } = listOptions.parse(options)
      const list = await context.pages(readLimit(options), (page) =>
        client.flows.list({ query: { query, ...(attention ? { attention: 'needed' } : {}), ...page } }),
      )
      context.showList(list, flowColumns, 'There are no flows.')
    })

  withStreamOptions(
    flows
      .command('create')
      .summary('make a flow')
      .description(
        'Makes a flow. Without --stream and --everything it reads what the form of its source says. A stream without a mode reads what changed, where the source can tell that.',
      )
      .argument('<name>', 'what it is called')
      .requiredOption('--from <source>', 'its source: the id or the whole name')
      .requiredOption('--to <destination>', 'its destination: the id or the whole name')
      .addOption(schemaOption())
      .addOption(compareOption()),
  ).asking(async (client, name: string, options: unknown) => {
    const { from, to, schema } = z
      .object({ from: z.string(), to: z.string(), schema: z.string().optional() })
      .parse(options)
    const source = await findSide(client, 'source', from)
    const destination = await findSide(client, 'destination', to)
    const streams = await readStreams(client, source.id, options)
    const { compare } = comparisonOption.parse(options)
    const flow = await client.flows.create({
      body: {
        name,
        sourceId: source.id,
        destinationId: destination.id,
        streams,
        compare,
        ...(schema === undefined || schema === '' ? {} : { schema }),
      },
    })
    context.show(flow, () => terminal.print(`Made ${flow.id}: ${readsOf(flow)}.`))
    await warnOfOverlaps(context, client, flow.id)
  })

  withStreamOptions(
    flows
      .command('update')
      .summary('choose what a flow reads')
      .description(
        'Replaces the choice of a flow. What is read in another way than before is read from the start the next time.',
      )
      .argument('<flow>', 'its id or its whole name')
      .option('--by-source', 'it reads what the form of its source says')
      .addOption(compareOption())
      .confirmed(),
  ).asking(async (client, reference: string, options: unknown) => {
    const { bySource } = z.object({ bySource: z.boolean().default(false) }).parse(options)
    const before = await findFlow(client, reference)
    const given = await readStreams(client, before.source.id, options)
    const { compare } = comparisonOption.parse(options)
    if (bySource && given !== null) {
      throw new CommandError('usage', 'Choose either --by-source or streams.')
    }
    if (!bySource && given === null && compare === undefined) {
      throw new CommandError(
        'usage',
        'Say what it reads, with --stream, --everything or --by-source, or how often ids are compared, with --compare.',
      )
    }
    const streams = bySource || given !== null ? given : undefined
    const reread = streams === undefined ? [] : rereadStreams(before.streams, streams)
    if (reread.length > 0) await confirmUnless(context, options, `${rereadSentence(reread)} Go on?`)
    const flow = await client.flows.update({ params: { id: before.id }, body: { streams, compare } })
    context.show(flow, () => terminal.print(`${clean(flow.name)}: ${readsOf(flow)}.`))
    await warnOfOverlaps(context, client, flow.id)
  })

  addRunningCommands(flows, context)

  flows
    .command('schedule')
    .summary('say when a flow runs by itself, or that it runs only by hand')
    .argument('<flow>', 'its id or its whole name')
    .argument('<when>', 'minutes from 5 to 44640, a time as 06:30, a cron expression in quotes, or "manual"')
    .option('--weekdays', 'with a time: only Monday to Friday')
    .option('--time-zone <name>', 'with a time or a cron expression; this machine’s if left out')
    .option('--again', 'do not ask where each run makes records again')
    .asking(async (client, reference: string, when: string, options: unknown) => {
      const { again, ...parts } = scheduleOptions.parse(options)
      const schedule = readSchedule(when, parts)
      const { id, name } = await findFlow(client, reference)
      const flow = await asking(context, 'Nothing was changed.', { again }, (agreed) =>
        client.flows.update({ params: { id }, body: { schedule, ...agreed } }),
      )
      context.show(flow, () => terminal.print(`Schedule of ${clean(name)}: ${scheduleWords(schedule)}.`))
    })

  flows
    .command('pause')
    .summary('stop the schedule of a flow until it is resumed')
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id, name } = await findFlow(client, reference)
      const flow = await client.flows.update({ params: { id }, body: { paused: true } })
      context.show(flow, () => terminal.print(`Paused ${clean(name)}. It still runs by hand.`))
    })

  flows
    .command('resume')
    .summary('resume a flow that is paused')
    .description(
      'A flow pauses when its owner may not use what it needs any more, or when somebody pauses it.',
    )
    .argument('<flow>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id, name } = await findFlow(client, reference)
      const flow = await client.flows.update({ params: { id }, body: { paused: false } })
      context.show(flow, () => terminal.print(`Resumed ${clean(name)}.`))
    })

  addFlowLifeCommands(flows, context)
  addColumnCommands(flows, context)
  addFlowAlertsCommand(flows, context)

  const runs = program.command('run').summary('one execution of a flow')

  addRunListCommands(runs, context)

  runs
    .command('show')
    .summary('show one run')
    .argument(...runArgument)
    .asking(async (client, id: string) => {
      context.show(await client.runs.get({ params: { id } }), (run) => showRun(context, run))
    })

  runs
    .command('cancel')
    .summary('cancel a run')
    .argument(...runArgument)
    .asking(async (client, id: string) => {
      const run = await client.runs.cancel({ params: { id } })
      context.show(run, () => terminal.print(run.cancelling ? `Cancelling ${id}.` : `${id}: ${run.status}.`))
    })

  addQuarantineCommands(runs, context)
}
