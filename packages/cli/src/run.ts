import { ApiError } from '@latchwork/contract'
import { CommanderError } from 'commander'
import { Context, describeError } from './context.ts'
import { CommandError, type Ending, endingOf, exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'
import { clean, escapeJson } from './terminal.ts'

/**
 * Runs one command line.
 * @param args without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const context = new Context(io)
  try {
    await createProgram(context).parseAsync(args, { from: 'user' })
    return exitCodes.ok.code
  } catch (thrown) {
    const error = isUnanswered(thrown) ? (context.failure ?? thrown) : thrown
    const ending = io.signal.aborted ? 'interrupted' : endingOf(error)
    // Commander has said already what is wrong with a command line.
    if (error instanceof CommanderError) return exitCodes[ending].code
    const { terminal } = context
    if (context.json) terminal.note(escapeJson(JSON.stringify(problemOf(error, ending))))
    else if (ending === 'interrupted') terminal.note('Interrupted.')
    else {
      const lines = describeError(error).split('\n')
      terminal.note([lines[0] ?? '', ...lines.slice(1)].map(shown).join('\n'))
      const expired = ending === 'notSignedIn' && !(error instanceof CommandError)
      if (expired) terminal.note('To sign in again: latchwork login')
    }
    return exitCodes[ending].code
  }
}

/** The client of the API does not tell why no answer came; the connection does. */
function isUnanswered(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 0
}

/** An error for programs: as the API answers it, or the same two words for what did not come from there. */
function problemOf(error: unknown, ending: Ending): { readonly code: string; readonly detail: string } {
  if (ending === 'interrupted') return { code: ending, detail: 'Interrupted.' }
  if (error instanceof ApiError && !isUnanswered(error)) return error.problem
  const code = ending.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return { code, detail: describeError(error) }
}

/** Keeps the indentation of a list. */
function shown(line: string): string {
  return line.startsWith('  ') ? `  ${clean(line)}` : clean(line)
}
