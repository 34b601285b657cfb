import { CommanderError } from 'commander'
import { Context } from './context.ts'
import { CommandError, endingOf, exitCodes } from './exit-codes.ts'
import { describeError, failureOf, isUnanswered } from './failure.ts'
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
  const program = createProgram(context)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes.ok.code
  } catch (thrown) {
    const error = isUnanswered(thrown) ? (context.failure ?? thrown) : thrown
    const ending = io.signal.aborted ? 'interrupted' : endingOf(error)
    if (ending === 'ok') return exitCodes.ok.code
    context.configure(program) // the options may be the fault
    const { terminal } = context
    if (context.json) terminal.note(escapeJson(JSON.stringify(failureOf(error, ending))))
    // Commander has already printed the fault of the command line.
    else if (error instanceof CommanderError) return exitCodes[ending].code
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

/** A line as it is shown, with the indentation of a list. */
function shown(line: string): string {
  return line.startsWith('  ') ? `  ${clean(line)}` : clean(line)
}
