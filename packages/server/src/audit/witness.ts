import { readFileSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { AuditHead } from './row.ts'

/** The latest end of the log that was seen. */
const seenSchema = z.object({ accepted: z.number(), sequence: z.number(), hash: z.string() })
export type Seen = z.infer<typeof seenSchema>

const fileName = 'audit-seen.json'

/** Whether state `a` of the log is later than `b`. An acceptance starts a new count. */
export function isLater(
  a: Pick<Seen, 'accepted' | 'sequence'>,
  b: Pick<Seen, 'accepted' | 'sequence'>,
): boolean {
  return a.accepted > b.accepted || (a.accepted === b.accepted && a.sequence > b.sequence)
}

/**
 * Remembers the end of the log outside of the database: in the process, and for the next start in a file of the data
 * folder. A database that was restored as a whole to an older state has less than that. The file may lack the writes of
 * the last moment; it never holds more than was committed.
 */
export class Witness {
  readonly #path: string
  #seen: Seen | null
  #writing: Promise<void> | null = null

  constructor(dataDir: string) {
    this.#path = join(dataDir, fileName)
    this.#seen = read(this.#path)
  }

  get seen(): Seen | null {
    return this.#seen
  }

  /** Remembers a committed end. */
  note({ accepted, sequence, hash }: AuditHead): void {
    if (this.#seen !== null && !isLater({ accepted, sequence }, this.#seen)) return
    this.#seen = { accepted, sequence, hash }
    this.#writing ??= this.#write()
  }

  /** Resolves when the file is up to date. A data folder that can't be written is reported elsewhere. */
  async drain(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  async #write(): Promise<void> {
    for (let written: Seen | null = null; this.#seen !== null && this.#seen !== written; ) {
      written = this.#seen
      try {
        // A process never overwrites a later end that another one wrote to the same folder.
        const there = parse(await readFile(this.#path, 'utf8').catch(() => ''))
        if (there !== null && !isLater(written, there)) continue
        const temporary = `${this.#path}.${process.pid}.part`
        await writeFile(temporary, JSON.stringify(written), { mode: 0o600 })
        await rename(temporary, this.#path)
      } catch {
        break
      }
    }
    this.#writing = null
  }
}

function read(path: string): Seen | null {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

function parse(text: string): Seen | null {
  try {
    return seenSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
