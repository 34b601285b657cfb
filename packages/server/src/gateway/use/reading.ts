import { LatchworkError, parseExactly } from '@latchwork/contract'
import type { Inbound } from '../proxy/sides.ts'

/** Of a body that the rules have to look at. Close takes no larger search. */
const mostBytes = 1024 * 1024
const bodyMs = 30_000

/**
 * Reads a body that decides whether a request may be sent, and gives what is sent in its place: the same JSON, written
 * again. So nobody can send what we read in one way and Close in another: a name twice, another encoding, what follows
 * the end.
 * @returns undefined for a request without a body
 * @throws {LatchworkError} `body_too_large`, `unsupported_media_type`, `malformed_json`, `request_timeout`,
 * `malformed_request`
 */
export async function readJsonBody(
  request: Inbound,
): Promise<{ readonly json: unknown; readonly bytes: Buffer } | undefined> {
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  const { 'content-type': type = '', 'content-encoding': encoding } = request.headers
  if (!/^application\/json *(;|$)/i.test(type) || (encoding !== undefined && encoding !== 'identity')) {
    throw new LatchworkError('unsupported_media_type', {
      message: 'What this request says has to be read, so send it as JSON that is not compressed.',
    })
  }
  const json = parse(bytes)
  return { json, bytes: Buffer.from(JSON.stringify(json)) }
}

function parse(bytes: Buffer): unknown {
  try {
    return parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new LatchworkError('malformed_json')
  }
}

function readBytes(request: Inbound): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const end = (error: LatchworkError | null) => {
      clearTimeout(limit)
      request.off('data', take).off('end', done).off('close', left).off('error', left)
      if (error === null) resolve(Buffer.concat(parts))
      else reject(error)
    }
    const take = (part: Buffer) => {
      length += part.length
      parts.push(part)
      if (length > mostBytes) {
        request.pause()
        end(new LatchworkError('body_too_large'))
      }
    }
    const done = () => end(null)
    const left = () => end(new LatchworkError('malformed_request'))
    const limit = setTimeout(() => end(new LatchworkError('request_timeout')), bodyMs)
    request.on('data', take).on('end', done).on('close', left).on('error', left)
  })
}
