import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { text as readAll } from 'node:stream/consumers'
import { CommandError } from './exit-codes.ts'
import { type Io, nowhere } from './io.ts'
import { clean } from './terminal.ts'

/** The origin of a secret: never an argument, which every user of the machine can see. */
export interface SecretOrigin {
  readonly stdin: boolean
  readonly file: string | undefined
}

/** True where a person can be asked. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true
}

/** Asks for a line. @throws {CommandError} `usage` if nobody can be asked */
export async function ask(io: Io, question: string): Promise<string> {
  return askLine(io, question, io.stderr)
}

/** Asks yes or no. Anything but yes counts as no. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(io, `${question} [y/N]`)).trim())
}

/**
 * Reads a secret from a file, from standard input, or from a prompt that does not show it.
 * @param options the options for the error, where nobody can be asked
 * @throws {CommandError} `usage` if the file can't be read, nothing was given, or nobody can be asked
 */
export async function readSecret(
  io: Io,
  label: string,
  origin: SecretOrigin,
  options = '--secret-stdin or --secret-file FILE',
): Promise<string> {
  const given = await readGiven(io, label, origin, options)
  const secret = given.replace(/\r?\n$/, '')
  if (secret === '') throw new CommandError('usage', `${label} is empty.`)
  return secret
}

async function readGiven(
  io: Io,
  label: string,
  { stdin, file }: SecretOrigin,
  options: string,
): Promise<string> {
  if (file !== undefined) {
    return readFile(file, 'utf8').catch(() => {
      throw new CommandError('usage', `The file ${file} with ${label} can't be read.`)
    })
  }
  if (stdin) return readAll(io.stdin)
  if (!canAsk(io)) {
    throw new CommandError('usage', `${label} is needed: give it with ${options}.`)
  }
  return askLine(io, `${label} (not shown)`, nowhere())
}

async function askLine(io: Io, asked: string, echo: NodeJS.WritableStream): Promise<string> {
  const question = clean(asked)
  if (!canAsk(io)) throw new CommandError('usage', `"${question}" can't be asked: this is no terminal.`)
  const shown = echo === io.stderr
  if (!shown) io.stderr.write(`${question}: `)
  const lines = createInterface({ input: io.stdin, output: echo, terminal: true, historySize: 0 })
  const interrupted = new AbortController()
  // In raw mode Ctrl-C and Ctrl-D are plain keys: no signal, no end of input.
  lines.once('SIGINT', () => interrupted.abort())
  lines.once('close', () => interrupted.abort())
  try {
    return await lines.question(shown ? `${question}: ` : '', { signal: interrupted.signal })
  } catch {
    throw new CommandError('interrupted', 'Interrupted.')
  } finally {
    lines.close()
    if (!shown) io.stderr.write('\n')
  }
}
