import {
  type Client,
  comparisonSchema,
  type Deletions,
  deletionsSchema,
  type FlowStream,
  type FlowStreams,
  type OfferedStream,
  type Source,
  sameRecordsSchema,
  syncModeSchema,
  usualChoice,
} from '@latchwork/contract'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findSide } from '../find.ts'
import type { Column } from '../table.ts'
import { columnTexts, readColumnOptions, withColumnOption } from './columns.ts'
import { limitOption, readLimit } from './options.ts'
import { readByHand, withParameters } from './stream-parameters.ts'

const sourceColumns: readonly Column<Source>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Connector', cell: ({ connector }) => connector, whole: true },
  { title: 'Credential', cell: ({ credentialName }) => credentialName ?? '-', spare: 1 },
]
const streamColumns: readonly Column<OfferedStream>[] = [
  { title: 'Stream', cell: ({ name }) => name, whole: true },
  { title: 'Label', cell: ({ label }) => label },
  { title: 'Group', cell: ({ group }) => group, spare: 2 },
  { title: 'Modes', cell: ({ modes }) => modes.join(', '), whole: true },
  { title: 'Deletions', cell: ({ deletes }) => deletes, whole: true, spare: 1 },
  { title: 'What it reads', cell: ({ description }) => description, spare: 3 },
]

/** `latchwork source`: what can be read, and which streams there are. */
export function addSourceCommands(program: ApiCommand, context: Context): void {
  const sources = program.command('source').summary('data that flows read')

  sources
    .command('list')
    .summary('list sources')
    .option('--query <words>', 'words in the name or description')
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const { query } = z.object({ query: z.string().optional() }).parse(options)
      const list = await context.pages(readLimit(options), (page) =>
        client.sources.list({ query: { query, ...page } }),
      )
      context.showList(list, sourceColumns, 'There are no sources.')
    })

  sources
    .command('streams')
    .summary('list the streams that a source offers to flows')
    .argument('<source>', 'its id or its whole name')
    .asking(async (client, reference: string) => {
      const { id } = await findSide(client, 'source', reference)
      const { items } = await client.sources.streams({ params: { id } })
      context.showList({ items, total: items.length }, streamColumns, 'This source offers no streams.')
    })
}

/** The options that say what a flow reads. */
export function withStreamOptions<C extends Command>(command: C): C {
  command
    .option(
      '--stream <name[=mode]>',
      'a stream that it reads, as often as there are streams; the mode is full or incremental',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option(
      '--set <stream.parameter=value>',
      'how a stream is read, as often as there is something to say; choices by their name or id',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option(
      '--by-hand <name=file>',
      'a stream by hand under a name of your own, from a file with its parameters as JSON',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--everything', 'it reads all that the account may read, whenever it runs')
    .addOption(
      new Option(
        '--same-records <which>',
        'with --everything, of streams with the same records: each part by itself, the whole, or both',
      )
        .choices(sameRecordsSchema.options)
        .default('parts'),
    )
    .addOption(
      new Option('--deleted <what>', 'what becomes of records that the source has no more')
        .choices(deletionsSchema.options)
        .default('mark'),
    )
  return withColumnOption(command).option(
    '--lists-apart [stream]',
    'the lists of a stream get tables of their own, a row for each item; of all streams where none is named; PostgreSQL only',
    (name: string, before: readonly string[] | true = []) => [...(before === true ? [] : before), name],
  )
}

/** How often ids are compared. */
export const compareOption = (): Option =>
  new Option(
    '--compare <how often>',
    'how often ids are compared, for kinds of record whose deletions the source does not tell',
  ).choices(comparisonSchema.options)
export const comparisonOption = z.object({ compare: comparisonSchema.optional() })

const streamOptions = z.object({
  stream: z.array(z.string()).default([]),
  set: z.array(z.string()).default([]),
  byHand: z.array(z.string()).default([]),
  everything: z.boolean().default(false),
  sameRecords: sameRecordsSchema,
  deleted: deletionsSchema,
  listsApart: z.union([z.boolean(), z.array(z.string())]).default(false),
})

/**
 * What the options say that a flow reads; null: nothing.
 * @throws {CommandError} `usage`, `refused` for a stream or a choice that the source does not offer
 */
export async function readStreams(
  client: Client,
  sourceId: string | null,
  options: unknown,
): Promise<FlowStreams | null> {
  const { stream, set, byHand, everything, sameRecords, deleted, listsApart } = streamOptions.parse(options)
  const isNamed = stream.length + byHand.length > 0
  if (!isNamed && columnTexts(options).length > 0) {
    throw new CommandError('usage', '--column is about streams that --stream chooses.')
  }
  if (everything) {
    if (Array.isArray(listsApart)) {
      throw new CommandError('usage', 'With --everything, --lists-apart is about all streams: name none.')
    }
    if (!isNamed && set.length === 0) {
      return { everything, deletions: deleted, sameRecords, ...(listsApart !== false && apart) }
    }
    throw new CommandError('usage', 'Choose either --everything or single streams with --stream.')
  }
  if (!isNamed) {
    if (listsApart !== false) {
      throw new CommandError(
        'usage',
        '--lists-apart is about streams: choose some with --stream, or --everything.',
      )
    }
    if (set.length === 0) return null
    throw new CommandError('usage', '--set is about a stream that --stream chooses.')
  }
  if (sourceId === null) {
    throw new CommandError('refused', "The source of this flow isn't shared with you.")
  }
  const { items } = await client.sources.streams({ params: { id: sourceId } })
  const named = stream.map((text) => readStream(text, items, deleted))
  const handMade = await Promise.all(byHand.map((text) => readByHand(text, items, deleted)))
  const chosen = await withParameters([...named, ...handMade], set, items, (of) =>
    client.sources.options({ params: { id: sourceId }, query: of }),
  )
  const columns = readColumnOptions(
    options,
    chosen.map((choice) => choice.stream),
  )
  return {
    everything: false,
    chosen: withListsApart(
      chosen.map((choice) => ({ ...choice, columns: columns.get(choice.stream) ?? [] })),
      listsApart,
    ),
  }
}

const apart = { lists: 'tables' } as const

/** @param named true: all of them */
function withListsApart(chosen: readonly FlowStream[], named: boolean | readonly string[]): FlowStream[] {
  if (named === false) return [...chosen]
  const unknown =
    named === true ? undefined : named.find((name) => chosen.every(({ stream }) => stream !== name))
  if (unknown !== undefined) {
    throw new CommandError(
      'usage',
      `--lists-apart is about a stream that --stream chooses, not ${JSON.stringify(unknown)}.`,
    )
  }
  return chosen.map((choice) =>
    named === true || named.includes(choice.stream) ? { ...choice, ...apart } : choice,
  )
}

function readStream(text: string, offered: readonly OfferedStream[], deletions: Deletions): FlowStream {
  const [name = '', asked] = text.split('=', 2)
  const found = offered.find((each) => each.name === name && each.repeats !== true)
  if (found === undefined) {
    throw new CommandError(
      'refused',
      `The source offers no stream ${JSON.stringify(name)}. "latchwork source streams" lists those that it does.`,
    )
  }
  if (asked === undefined) return usualChoice(found, deletions)
  const mode = syncModeSchema.safeParse(asked)
  if (mode.success && found.modes.includes(mode.data)) {
    return { ...usualChoice(found, deletions), mode: mode.data }
  }
  throw new CommandError(
    'usage',
    `The mode of ${name} is ${found.modes.join(' or ')}, not ${JSON.stringify(asked)}.`,
  )
}
