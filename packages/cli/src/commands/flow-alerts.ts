import { type FlowWatch, usualWatch } from '@latchwork/contract'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findFlow } from '../find.ts'
import { clean } from '../terminal.ts'

/** Commander takes null for an option that was not given. */
const choiceSchema = z.union([z.number(), z.literal('never')]).optional()
const optionsSchema = z.object({
  quietHours: choiceSchema,
  volumeTimes: choiceSchema,
  schemaChanges: z.boolean().optional(),
})

/** `flow alerts`. */
export function addFlowAlertsCommand(flows: ApiCommand, context: Context): void {
  flows
    .command('alerts')
    .summary('say what is told of a flow though its runs succeed')
    .description('What is left out stays as it is. Failures, refused records and being late are always told.')
    .argument('<flow>', 'its id or its whole name')
    .option(
      '--quiet-hours <hours>',
      `tell when no change was read for so long (${usualWatch.quietHours} at first), or when a stream that is read whole is empty; "never"`,
      numberOrNever,
    )
    .option(
      '--volume-times <times>',
      `tell when so many times more or fewer records were read than usual (${usualWatch.volumeTimes} at first); "never"`,
      numberOrNever,
    )
    .option('--schema-changes', 'tell when columns of the destination change')
    .option('--no-schema-changes', 'do not tell it')
    .asking(async (client, reference: string, options: unknown) => {
      const given = optionsSchema.parse(options)
      if (Object.values(given).every((value) => value === undefined))
        throw new CommandError('usage', 'Say what is to be told: see --help.')
      const { id, name, watch: before } = await findFlow(client, reference)
      const watch: FlowWatch = {
        quietHours: chosen(given.quietHours, before.quietHours),
        volumeTimes: chosen(given.volumeTimes, before.volumeTimes),
        schemaChanges: given.schemaChanges ?? before.schemaChanges,
      }
      const flow = await client.flows.update({ params: { id }, body: { watch, was: { watch: before } } })
      context.show(flow, () => {
        const words = [
          watch.quietHours === null ? 'nothing read: no' : `nothing read: after ${watch.quietHours} hours`,
          watch.volumeTimes === null ? 'unusual volume: no' : `unusual volume: ${watch.volumeTimes} times`,
          `changed columns: ${watch.schemaChanges ? 'yes' : 'no'}`,
        ]
        context.terminal.print(`${clean(name)}: ${words.join(', ')}.`)
      })
    })
}

function chosen(given: z.infer<typeof choiceSchema>, before: number | null): number | null {
  return given === undefined ? before : given === 'never' ? null : given
}

function numberOrNever(text: string): number | 'never' {
  if (text === 'never') return text
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number or "never".')
}
