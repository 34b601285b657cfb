import { ApiError } from '@latchwork/contract'
import { CommanderError } from 'commander'
import { ConnectionError } from './connection.ts'

/** Exit codes, for programs. docs/cli.md lists them. */
export const exitCodes = {
  ok: { code: 0, meaning: 'Done.' },
  failure: {
    code: 1,
    meaning:
      'The work failed: a check without success, a run that failed or was cancelled, or an error of the server.',
  },
  usage: { code: 2, meaning: 'The command line is wrong, or an answer is needed and nobody can be asked.' },
  notSignedIn: { code: 3, meaning: 'Not signed in, or the API token has expired or been revoked.' },
  refused: { code: 4, meaning: 'The server found nothing of this name, or refused what was asked.' },
  unreachable: { code: 5, meaning: "The Latchwork server can't be reached." },
  untrusted: { code: 6, meaning: "The server's certificate is not trusted." },
  partial: { code: 7, meaning: 'The run wrote a part of the records; the others were refused.' },
  interrupted: { code: 130, meaning: 'Interrupted, with Ctrl-C or by a signal.' },
} as const

export type Ending = keyof typeof exitCodes

/** The word for an ending in a JSON error, for example `not_signed_in`. */
export function wordOf(ending: string): string {
  return ending.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** An expected end of the command. Its message is for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly ending: Ending

  constructor(ending: Ending, message: string) {
    super(message)
    this.ending = ending
  }
}

/** The ending that an error leads to. */
export function endingOf(error: unknown): Ending {
  if (error instanceof CommandError) return error.ending
  // Exit code 0 is help or version. Everything else that commander throws is a wrong command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'ok' : 'usage'
  if (error instanceof ConnectionError)
    return error.untrusted || error.badCertificate ? 'untrusted' : 'unreachable'
  if (!(error instanceof ApiError)) return 'failure'
  const { status, code } = error.problem
  if (status === 0) return 'unreachable'
  if (status === 401 || code === 'expired_token') return 'notSignedIn'
  return status >= 400 && status < 500 ? 'refused' : 'failure'
}
