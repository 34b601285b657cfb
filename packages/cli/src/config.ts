import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemCode } from '@latchwork/contract'
import { z } from 'zod'
import { CommandError } from './exit-codes.ts'
import { readPrivateFile } from './private-file.ts'

const serverSchema = z.object({
  /** PEM of the only certificate that is trusted for this server; null: the authorities that Node trusts. */
  certificate: z.string().nullable(),
  token: z.string().nullable(),
  tokenId: z.string().nullable(),
})
const configSchema = z.object({
  /** The origin of the server for commands. */
  current: z.string().nullable(),
  /** By origin. */
  servers: z.record(z.string(), serverSchema),
})
export type ServerConfig = z.infer<typeof serverSchema>
export type Config = z.infer<typeof configSchema>

/** `$XDG_CONFIG_HOME/latchwork/config.json`. @see XDG Base Directory Specification */
export function configFile(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['XDG_CONFIG_HOME'] ?? ''
  // The specification says that relative paths are ignored.
  const folder = given.startsWith('/') ? given : join(env['HOME'] ?? homedir(), '.config')
  return join(folder, 'latchwork', 'config.json')
}

/** @throws {CommandError} `failure` if the file is there and can't be understood, `usage` if others can read it */
export async function readConfig(file: string): Promise<Config> {
  let text: string
  try {
    text = await readPrivateFile(file)
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (systemCode(error) === 'ENOENT') return { current: null, servers: {} }
    throw new CommandError('failure', `The file ${file} can't be read.`)
  }
  const parsed = configSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new CommandError('failure', `The file ${file} isn't understood. Delete it, and run: latchwork login`)
}

/** Replaces the file in one step. Only its user may read it, since it holds API tokens. */
export async function writeConfig(file: string, config: Config): Promise<void> {
  const next = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(next, file)
  } catch {
    await rm(next, { force: true })
    throw new CommandError('failure', `The file ${file} can't be written.`)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
