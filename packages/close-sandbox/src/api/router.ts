import { methodNotAllowed, unknownUrl } from './errors.ts'
import type { Endpoints, Handler } from './request.ts'

/** Finds the handler for a method and a path. */
export class Router {
  readonly #literal = new Map<string, Readonly<Record<string, Handler>>>()
  readonly #patterns: {
    readonly parts: readonly string[]
    readonly methods: Readonly<Record<string, Handler>>
  }[] = []

  /** Groups may share paths: each adds methods of its own. */
  constructor(...groups: readonly Endpoints[]) {
    const byPath = new Map<string, Readonly<Record<string, Handler>>>()
    for (const [path, methods] of groups.flatMap((group) => Object.entries(group))) {
      byPath.set(path, { ...byPath.get(path), ...methods })
    }
    for (const [path, methods] of byPath) {
      if (path.includes('{')) this.#patterns.push({ parts: path.split('/'), methods })
      else this.#literal.set(path, methods)
    }
  }

  /**
   * @param path below `/api/v1`, with its closing slash
   * @throws ApiError 404 for an unknown path, 405 for a method that the path does not have
   */
  find(method: string, path: string): { handler: Handler; params: Record<string, string> } {
    const found = this.#match(path)
    if (!found) throw unknownUrl()
    const handler = Object.hasOwn(found.methods, method) ? found.methods[method] : undefined
    if (!handler) throw methodNotAllowed(Object.keys(found.methods))
    return { handler, params: found.params }
  }

  #match(
    path: string,
  ): { methods: Readonly<Record<string, Handler>>; params: Record<string, string> } | undefined {
    const literal = this.#literal.get(path)
    if (literal) return { methods: literal, params: {} }
    const parts = path.split('/')
    for (const pattern of this.#patterns) {
      if (pattern.parts.length !== parts.length) continue
      const params: Record<string, string> = {}
      const matches = pattern.parts.every((expected, at) => {
        const part = parts[at] ?? ''
        if (!expected.startsWith('{')) return expected === part
        params[expected.slice(1, -1)] = part
        return part !== ''
      })
      if (matches) return { methods: pattern.methods, params }
    }
    return undefined
  }
}
