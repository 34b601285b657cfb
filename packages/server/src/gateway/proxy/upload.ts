import { LatchworkError } from '@latchwork/contract'
import type { Inbound } from './sides.ts'

export interface UploadLimits {
  readonly idleMs: number
  readonly bodyBytes: number
}

/** The body of a request, as it comes; no faster than it is taken. */
export async function* readUpload(
  request: Inbound,
  { idleMs, bodyBytes }: UploadLimits,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const parts: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  let bytes = 0
  for (;;) {
    const next = await within(idleMs, parts.next())
    if (next.done === true) return
    bytes += next.value.length
    count(next.value.length)
    if (bytes > bodyBytes) throw new LatchworkError('body_too_large')
    yield next.value
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new LatchworkError('request_timeout')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Lets a client that was answered early end its upload, for a while: one whose connection ends may lose the answer. */
export function linger(request: Inbound, lingerMs: number): void {
  if (request.complete) return
  request.resume()
  const limit = setTimeout(() => request.destroy(), lingerMs)
  request.once('close', () => clearTimeout(limit))
}
