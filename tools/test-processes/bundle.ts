import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'

const folder = join(import.meta.dirname, '../../node_modules/.cache/programs')
/** Packages with machine code, which stays in files of its own. */
const external = ['better-sqlite3', '@node-rs/argon2', 'pg-native']
const bundles = new Map<string, Promise<string>>()

/**
 * Makes one file of a program that tests start often, and of all that it imports: to find and read the 1900 modules of
 * the server takes Node a second for each process.
 * @param program absolute path
 * @returns the file, in the checkout, where it finds the packages with machine code
 */
export function bundleOf(program: string): Promise<string> {
  const known = bundles.get(program)
  if (known !== undefined) return known
  const made = bundle(program)
  bundles.set(program, made)
  return made
}

async function bundle(program: string): Promise<string> {
  const built = await rolldown({ input: program, platform: 'node', external, logLevel: 'silent' })
  const { output } = await built.generate({ format: 'esm', codeSplitting: false })
  await built.close()
  const [{ code }] = output
  // Named after its content, so that Node's cache of compiled sources serves the next run too.
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16)
  const file = join(folder, `${basename(program, '.ts')}-${hash}.mjs`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, code)
  renameSync(draft, file)
  return file
}
