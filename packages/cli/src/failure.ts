import { ApiError } from '@latchwork/contract'
import { CommanderError } from 'commander'
import { ConnectionError } from './connection.ts'
import { type Ending, wordOf } from './exit-codes.ts'

/** An error for programs: the API's answer, or the same two fields for an error of our own. */
interface Failure {
  readonly code: string
  readonly message: string
}

/** @returns what `--json` writes to standard error */
export function failureOf(error: unknown, ending: Ending): { readonly error: Failure } {
  if (ending === 'interrupted') return { error: { code: ending, message: 'Interrupted.' } }
  if (error instanceof ApiError && !isUnanswered(error)) {
    const { type: _type, title: _title, detail: message, code, ...rest } = error.problem
    return { error: { code, message, ...rest } }
  }
  return { error: { code: wordOf(ending), message: describeError(error) } }
}

/** The API client does not say why no answer came; the connection does. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 0
}

/** The message of an error for a person. It never has the request. */
export function describeError(error: unknown): string {
  if (error instanceof ConnectionError) return describeConnection(error)
  if (error instanceof CommanderError) return describeUsage(error)
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  const { detail, code, blockers = [], hiddenBlockers = 0, errors = [], requestId } = error.problem
  const others = errors.map(({ message }) => message).filter((message) => !detail.startsWith(message))
  return [
    `${detail} (${code})`,
    ...others,
    ...blockers.map(({ kind, name, id }) => `  ${kind} ${name} (${id})`),
    ...(hiddenBlockers === 0 ? [] : [`  and ${hiddenBlockers} that you may not see`]),
    ...(code === 'internal' && requestId !== undefined ? [`Request ${requestId}`] : []),
  ].join('\n')
}

function describeConnection(failure: ConnectionError): string {
  if (failure.untrusted) {
    return "The server's certificate is not the one that is trusted. If it was renewed, run: latchwork login"
  }
  if (failure.badCertificate) {
    return `The server's certificate doesn't hold for this address, or has ended (${failure.code}).`
  }
  return `The Latchwork server can't be reached (${failure.code}). Check its address, and that it runs.`
}

/** If the command of a group is missing, commander shows the group's help and has no message. */
function describeUsage({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'A command is missing. To see which there are: latchwork help'
  return message.replace(/^error: /, '')
}
