import { matchesPath } from '../path-pattern.ts'

/** Changes to make while somebody pages through a list. */
export interface ListPageScript {
  /** Path pattern: `*` for one part, `**` for any number of them; for example `/api/v1/lead/`. */
  readonly path: string
  /** Default: GET, and POST for `/api/v1/data/search/`. */
  readonly method?: string
  /** After how many pages; 1 is between the first page and the second. */
  readonly afterPages: number
  /** Repeat after each `afterPages` pages; default false. */
  readonly repeat?: boolean
  readonly run: () => void
}

interface Watching extends ListPageScript {
  pages: number
}

/** Runs each script after its page was read and before the next request is handled. */
export class ListPageScripts {
  #scripts: Watching[] = []

  add(script: ListPageScript): void {
    this.#scripts.push({ ...script, pages: 0 })
  }

  clear(): void {
    this.#scripts = []
  }

  /** To be called when a request has been answered with 200. */
  pageRead(method: string, path: string): void {
    for (const script of [...this.#scripts]) {
      const wanted = script.method?.toUpperCase() ?? (path.endsWith('/data/search/') ? 'POST' : 'GET')
      if (wanted !== method || !matchesPath(script.path, path)) continue
      script.pages += 1
      if (script.pages < script.afterPages) continue
      if (script.repeat) script.pages = 0
      else this.#scripts = this.#scripts.filter((other) => other !== script)
      script.run()
    }
  }
}
