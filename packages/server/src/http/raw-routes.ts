import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers a request in its own form, errors too. It never throws. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * What is answered before the framework sees it: requests that are passed on as they are, by the beginning of their path.
 * None of the framework's rules holds for them: no session, no body parsed, no limit but their own.
 */
export class RawRoutes {
  readonly #handlers = new Map<string, RawHandler>()

  /** @param prefix ends with a slash; otherwise it is a whole path */
  add(prefix: string, handler: RawHandler): void {
    this.#handlers.set(prefix, handler)
  }

  /** Whether the request was taken. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '' } = request
    const [path] = url.split('?', 1)
    for (const [prefix, handler] of this.#handlers) {
      if (prefix.endsWith('/') ? !url.startsWith(prefix) : path !== prefix) continue
      handler(request, response)
      return true
    }
    return false
  }
}
