import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/*
 * Builds the page if its sources are newer than the last build. `npm run demo` and `npm start` run it first. It writes
 * only to standard error.
 */
const checkout = join(import.meta.dirname, '..')
const web = join(checkout, 'packages/web')
const built = join(web, 'dist')
const sources = [
  'index.html',
  'package.json',
  'public',
  'src',
  'vite.config.ts',
  '../contract/src',
  '../../package-lock.json',
].map((path) => join(web, path))

/** Throws with the bundler's output if the page does not build. */
export function buildWebIfNeeded(): void {
  const index = join(built, 'index.html')
  if (existsSync(index) && newest(sources) <= statSync(index).mtimeMs) return
  process.stderr.write('latchwork: Building the page ...\n')
  // Built in another folder and then moved, so that a server or a second build never sees half a page.
  const draft = join(checkout, `.node/web-${process.pid}`)
  mkdirSync(draft, { recursive: true })
  try {
    const vite = join(checkout, 'node_modules/vite/bin/vite.js')
    const args = [vite, 'build', '--outDir', draft, '--emptyOutDir', '--logLevel', 'warn']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: web, encoding: 'utf8' })
    if (status !== 0) throw new Error(`The page does not build:\n${stdout}${stderr}`)
    compress(draft)
    rmSync(built, { recursive: true, force: true })
    renameSync(draft, built)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Smaller files are hardly sooner there. */
const leastBytes = 2048

/** Leaves a compressed copy beside each text that is worth it, which the server sends to whoever takes it. */
function compress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name)
    if (!/\.(js|css|html|svg)$/.test(name) || statSync(file).size < leastBytes) continue
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
  }
}

/** The newest change below the paths, in milliseconds since 1970. */
function newest(paths: readonly string[]): number {
  const times = paths
    .filter((path) => existsSync(path))
    .map((path) => {
      const stat = statSync(path)
      return stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stat.mtimeMs
    })
  return Math.max(0, ...times)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    buildWebIfNeeded()
  } catch (error) {
    process.stderr.write(`latchwork: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
