/*
 * The first step of `npm run demo`, `npm test`, `npm start`, `npm run bench`, `npm run torture`, `npm run mutation` and
 * `npm run check`. On a fresh clone it provides a Node that is new enough, the locked dependencies, and the page if it is
 * needed. It is plain JavaScript without dependencies, because it must run on Node 20 before anything is installed. It
 * writes only to standard error: standard output belongs to the command.
 */
import { delimiter, dirname, join } from 'node:path'
import { run } from './bootstrap/child.mjs'
import { BootstrapError, checkout, say } from './bootstrap/ground.mjs'
import { installDependencies } from './bootstrap/install.mjs'
import { memoryFlags } from './bootstrap/memory.mjs'
import { findNode } from './bootstrap/node-runtime.mjs'

/** @type {Record<string, { script: string, needsPage: boolean, flags?: readonly string[] }>} */
const targets = {
  demo: { script: 'tools/demo.ts', needsPage: true },
  start: { script: 'packages/server/src/main.ts', needsPage: true, flags: memoryFlags },
  test: { script: 'tools/test.ts', needsPage: false },
  bench: { script: 'bench/main.ts', needsPage: false },
  torture: { script: 'tools/torture.ts', needsPage: false },
  check: { script: 'tools/check.ts', needsPage: false },
  mutation: { script: 'tools/mutation.ts', needsPage: false },
}

/**
 * @param {string | undefined} name
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function bootstrap(name, args) {
  const target = targets[name ?? '']
  if (target === undefined) throw new BootstrapError(`Give one of: ${Object.keys(targets).join(', ')}.`)
  const node = await findNode()
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` }
  await installDependencies(node, env)
  if (target.needsPage) {
    const built = await run(node, [join(checkout, 'tools/build-web.ts')], { env, stdio: ['ignore', 2, 2] })
    if (built !== 0) return built
  }
  return run(node, [...(target.flags ?? []), join(checkout, target.script), ...args], {
    env,
    stdio: 'inherit',
  })
}

const [name, ...args] = process.argv.slice(2)
try {
  process.exitCode = await bootstrap(name, args)
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error
  say(error.message)
  process.exitCode = error.status
}
