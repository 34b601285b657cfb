import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * `npm run check:types`: runs the compiler on every project of the repository. All code that Node runs is one project, so
 * that shared types are computed once. The other projects run elsewhere or have stricter options.
 */
const checkout = join(import.meta.dirname, '..')
const compiler = join(checkout, 'node_modules/typescript-7/bin/tsc')
const most = 4

/** The projects' files, relative to the checkout. The largest is first: it takes as long as all others together. */
export const projects: readonly string[] = [
  'tsconfig.json',
  ...globSync(['e2e/tsconfig.json', 'packages/*/tsconfig.json'], { cwd: checkout }).sort(),
]

/** @returns the compiler's messages; empty if there are no faults */
export async function typecheck(): Promise<{ projects: number; faults: string }> {
  const waiting = [...projects]
  const faults: string[] = []
  const work = async () => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
      faults.push(await compile(project))
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, availableParallelism()) }, work))
  return { projects: projects.length, faults: faults.filter((each) => each !== '').join('\n') }
}

/** Resolves with the compiler's complaints. */
function compile(project: string): Promise<string> {
  // The compiler's results for unchanged files are stored for the next time.
  const memory = join(checkout, 'node_modules/.cache/tsc', `${project.replaceAll('/', '-')}.tsbuildinfo`)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        compiler,
        '-p',
        project,
        '--pretty',
        'false',
        '--singleThreaded',
        '--incremental',
        '--tsBuildInfoFile',
        memory,
      ],
      { cwd: checkout, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) => resolve(error === null ? '' : `${project}:\n${stdout}${stderr}`),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { projects, faults } = await typecheck()
  process.stdout.write(faults === '' ? `${projects} projects are sound\n` : `${faults}\n`)
  process.exitCode = faults === '' ? 0 : 1
}
