import { PassThrough } from 'node:stream'
import type { Io } from '../src/io.ts'

/** What a command has of the world around it, with streams to look at. */
export function ioOf({
  columns,
  isTTY = false,
  env = {},
}: {
  columns?: number
  isTTY?: boolean
  env?: Io['env']
}) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined })
  const terminal = { isTTY, ...(columns === undefined ? {} : { columns }) }
  const stdout = Object.assign(new PassThrough(), terminal)
  const stderr = Object.assign(new PassThrough(), terminal)
  return { stdin, stdout, stderr, env, hostName: 'larch', signal: new AbortController().signal }
}
