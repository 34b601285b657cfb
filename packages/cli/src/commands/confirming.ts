import { z } from 'zod'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { canAsk, confirm } from '../prompt.ts'

/** @throws {CommandError} `usage` if nobody can be asked and `--yes` is not given, `refused` if the answer is no */
export async function confirmUnless(context: Context, options: unknown, question: string): Promise<void> {
  if (z.object({ yes: z.boolean().default(false) }).parse(options).yes) return
  if (!canAsk(context.io)) throw new CommandError('usage', `${question} Say --yes: nobody can be asked.`)
  if (!(await confirm(context.io, question))) throw new CommandError('refused', 'Nothing was changed.')
}
