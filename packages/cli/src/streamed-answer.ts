import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { ApiError, problemSchema } from '@latchwork/contract'
import { type Outgoing, send } from './connection.ts'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { shortBytes } from './progress.ts'
import { escapeJson } from './terminal.ts'

/** A received answer. */
export interface Received {
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

/** Standard output, in place of a file's name. */
export const standardOutput = '-'

/**
 * Asks for an answer that is not JSON, with the sign-in.
 * @throws {ApiError}
 * @throws {ConnectionError}
 */
export async function openAnswer(
  context: Context,
  path: string,
  { method, body }: { method: 'GET' | 'POST'; body?: unknown },
): Promise<IncomingMessage> {
  const { url, certificate, token } = await context.signedIn()
  const outgoing: Outgoing = {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const answer = await send(url + path, outgoing, certificate, context.io.signal)
  if (answer.statusCode === 200) return answer
  throw new ApiError(problemOf(answer.statusCode ?? 0, await readAll(answer)))
}

/**
 * Receives an answer into a file that only its user may read, or to standard output. The file has another name until it
 * is complete.
 * @param force replace an existing file
 * @throws {CommandError} `usage` if the file exists, `unreachable` if the answer broke off, `failure` if it can't be
 * written
 */
export async function receive(
  context: Context,
  answer: IncomingMessage,
  file: string,
  force: boolean,
): Promise<Received> {
  if (file === standardOutput) return receiveInto(context, answer, context.io.stdout, false)
  refuseIfThere(file, force)
  const temporary = `${file}.${randomBytes(4).toString('hex')}.part`
  try {
    const target = createWriteStream(temporary, { mode: 0o600, flags: 'wx', flush: true })
    const received = await receiveInto(context, answer, target, true)
    refuseIfThere(file, force)
    await rename(temporary, file)
    return received
  } catch (error) {
    await rm(temporary, { force: true })
    throw isFileError(error)
      ? new CommandError('failure', `${file} can't be written (${error.code}).`)
      : error
  }
}

/** @throws {CommandError} `usage` */
export function refuseIfThere(file: string, force: boolean): void {
  if (file !== standardOutput && !force && existsSync(file)) {
    throw new CommandError('usage', `The file ${file} is there already. Choose another name, or say --force.`)
  }
}

function receiveInto(
  context: Context,
  answer: IncomingMessage,
  target: NodeJS.WritableStream,
  end: boolean,
): Promise<Received> {
  const hash = createHash('sha256')
  let bytes = 0
  return context.telling(async (progress) => {
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        hash.update(chunk)
        progress.say(`${shortBytes(bytes)} received`)
        done(null, chunk)
      },
    })
    const isLines = String(answer.headers['content-type']).startsWith('application/jsonl')
    const between = isLines && target === context.io.stdout ? [counting, escaping()] : [counting]
    try {
      await pipeline([answer, ...between, target], { end })
    } catch (error) {
      if (isFileError(error)) throw error
      throw new CommandError('unreachable', 'The answer of the server broke off. Nothing of it was kept.')
    }
    return { bytes, sha256: hash.digest('hex') }
  })
}

/** Escapes JSON lines as `--json` does. */
function escaping(): Transform {
  const decoder = new StringDecoder('utf8')
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, escapeJson(decoder.write(chunk)))
    },
    flush(done) {
      done(null, escapeJson(decoder.end()))
    },
  })
}

/** Whether an error is of the file system. An answer that breaks off has ECONNRESET or a code of Node's streams. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error
}

function problemOf(status: number, text: string) {
  const detail = `The server answered with status ${status}.`
  try {
    return problemSchema.parse(JSON.parse(text))
  } catch {
    return { type: 'about:blank', title: detail, status, code: 'internal', detail }
  }
}
