import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOutput, Client, Endpoints } from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'

type Keys = CallOutput<Endpoints['keys']['list']>

const columns: readonly Column<Keys['items'][number]>[] = [
  { title: 'Fingerprint', cell: ({ id }) => id, whole: true },
  {
    title: 'State',
    cell: ({ state }) => state,
    style: ({ state }) => (state === 'missing' ? 'red' : undefined),
    whole: true,
  },
  { title: 'Values', cell: ({ rows }) => String(rows), whole: true },
  { title: 'Operations', cell: ({ operations }) => String(operations), whole: true },
  { title: 'Age', cell: ({ ageDays }) => `${ageDays} d`, whole: true },
  { title: 'Since', cell: ({ firstSeenAt }) => shortTime(firstSeenAt), whole: true, spare: 1 },
  { title: 'Source', cell: ({ source }) => source },
]
const pollMs = 1000

export function addKeyCommands(program: ApiCommand, context: Context): void {
  const group = program.command('keys').summary('master keys, which seal every secret')

  group
    .command('list')
    .summary('list master keys, their use and age, and how far a rotation is')
    .asking(async (client) => {
      showKeys(context, await client.keys.list())
    })

  group
    .command('add')
    .summary('make a master key that becomes active at the next rotation')
    .asking(async (client) => {
      showKeys(context, await client.keys.add())
    })

  group
    .command('rotate')
    .summary('switch to the next master key and re-encrypt everything')
    .description('The server does it in the background. With --wait, until no value is left on another key.')
    .option('--wait', 'wait until everything is re-encrypted')
    .asking(async (client, options: unknown) => {
      const { wait } = z.object({ wait: z.boolean().default(false) }).parse(options)
      const begun = await client.keys.rotate()
      showKeys(context, wait ? await untilRotated(context, client, begun) : begun)
    })

  group
    .command('retire')
    .summary('retire a master key: it opens nothing any more')
    .argument('<fingerprint>', 'which key')
    .confirmed()
    .asking(async (client, id: string, options: unknown) => {
      await confirmUnless(context, options, `Retire the master key ${id}?`)
      showKeys(context, await client.keys.retire({ params: { id } }))
    })
}

/** Asks until everything is re-encrypted, and shows how much is left. */
function untilRotated(context: Context, client: Client, begun: Keys): Promise<Keys> {
  return context.telling(async (progress) => {
    let keys = begun
    while (keys.rotation !== null && keys.rotation.finishedAt === null) {
      progress.say(`${keys.rotation.done} re-encrypted, ${keys.rotation.remaining} to go`)
      await sleep(pollMs, undefined, { signal: context.io.signal })
      keys = await client.keys.list()
    }
    return keys
  })
}

function showKeys(context: Context, keys: Keys): void {
  const { terminal } = context
  context.showList(keys, columns, 'There are no master keys.')
  if (context.json) return
  const { rotation, quarantined, items } = keys
  if (rotation !== null) {
    const end =
      rotation.finishedAt === null
        ? `under way, ${rotation.remaining} values to go`
        : `finished ${shortTime(rotation.finishedAt)}, ${rotation.remaining} values left on other keys`
    terminal.print(`Rotation to ${rotation.keyId}: ${end}`)
  }
  for (const { table, rowId, code } of quarantined) {
    terminal.print(
      terminal.paint('red', `Not re-encrypted: ${clean(table)} ${clean(rowId)} (${clean(code)})`),
    )
  }
  for (const { id, warnings } of items) {
    for (const { message } of warnings) terminal.print(terminal.paint('yellow', `${id}: ${clean(message)}`))
  }
}
