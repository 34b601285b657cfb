import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>

/** The environment of a command. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** The machine's name, shown to the person who signs this terminal in. */
  readonly hostName: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** A stream that discards everything. */
export function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
