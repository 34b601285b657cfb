import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'
import { z } from 'zod'

const checkout = join(import.meta.dirname, '../..')
const folder = join(checkout, 'node_modules/.cache/programs')
/** Packages with machine code, which stays in files of its own; and those that are imported only where they are used. */
const external = [
  ...['better-sqlite3', '@node-rs/argon2', 'pg-native'],
  ...['@aws-sdk/client-kms', 'google-auth-library'],
]
/** What a bundle depends on besides its own sources. */
const always = [join(checkout, 'package-lock.json'), import.meta.filename]
const bundles = new Map<string, Promise<string>>()

/** A bundle, and when each of its sources was changed. */
const noteSchema = z.object({ file: z.string(), sources: z.record(z.string(), z.number()) })

/**
 * Makes one file of a program that tests start often, and of all that it imports: to find and read the 1900 modules of
 * the server takes Node a second for each process. One process makes it; it serves the others, and later runs, until a
 * source changes.
 * @param program absolute path
 * @returns the file, in the checkout, where it finds the packages that are no part of it
 */
export function bundleOf(program: string): Promise<string> {
  const known = bundles.get(program)
  if (known !== undefined) return known
  const made = bundle(program)
  bundles.set(program, made)
  return made
}

/** The server's program, made one file. */
export const serverProgram = (): Promise<string> => bundleOf(join(checkout, 'packages/server/src/program.ts'))

/** A module still knows its own place: the server finds the built page from it. */
const ownPlaces: Plugin = {
  name: 'own places',
  transform: {
    filter: { id: { exclude: /node_modules/ }, code: 'import.meta.dirname' },
    handler: (code, id) => code.replaceAll('import.meta.dirname', JSON.stringify(dirname(id))),
  },
}

/** A program that is killed has no end at which Node writes its cache of compiled sources: it does so at the beginning. */
const keepCompiled = "import { flushCompileCache } from 'node:module'\nflushCompileCache()"

async function bundle(program: string): Promise<string> {
  const name = basename(program, '.ts')
  const note = join(folder, `${name}-${shortHash(program)}.json`)
  const kept = fresh(note)
  if (kept !== null) return kept
  const built = await rolldown({
    ...{ input: program, platform: 'node', external, logLevel: 'silent' },
    plugins: [ownPlaces],
  })
  const { output } = await built.generate({ format: 'esm', codeSplitting: false, banner: keepCompiled })
  await built.close()
  const [{ code, moduleIds }] = output
  // Named after its content, so that Node's cache of compiled sources serves the next run too.
  const file = join(folder, `${name}-${shortHash(code)}.mjs`)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(file)) put(file, code)
  // Packages change only with the lockfile.
  const sources = [...moduleIds.filter((id) => existsSync(id) && !id.includes('node_modules')), ...always]
  put(
    note,
    JSON.stringify({ file, sources: Object.fromEntries(sources.map((path) => [path, changed(path)])) }),
  )
  return file
}

/** The bundle that the note tells of; null if there is none, or a source is newer. */
function fresh(note: string): string | null {
  if (!existsSync(note)) return null
  const { file, sources } = noteSchema.parse(JSON.parse(readFileSync(note, 'utf8')))
  const isFresh = Object.entries(sources).every(([path, at]) => existsSync(path) && changed(path) === at)
  return isFresh && existsSync(file) ? file : null
}

const changed = (path: string) => statSync(path).mtimeMs
const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** Nobody sees half of it. */
function put(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, content)
  renameSync(draft, file)
}
