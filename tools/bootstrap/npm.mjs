import { accessSync, constants, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { run } from './child.mjs'
import { BootstrapError, runtimeFolder, say } from './ground.mjs'

const stillWorkingMs = 15_000

/**
 * Runs npm quietly with the given Node. Its output is shown only if it fails. No install script of a package runs.
 *
 * @param {string} node path of the Node to run npm with
 * @param {string[]} args
 * @param {string} folder where
 * @param {NodeJS.ProcessEnv} env
 */
export async function npm(node, args, folder, env) {
  const started = Date.now()
  const ticking = setInterval(
    () => say(`... still at it after ${Math.round((Date.now() - started) / 1000)} s`),
    stillWorkingMs,
  )
  let output = ''
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const status = await run(node, [findNpm(), ...args, ...quiet, ...cacheOption()], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm continues for most of a minute after Ctrl-C; the next installation removes what it leaves.
    graceMs: 1000,
    onOutput: (chunk) => {
      output += chunk
    },
  }).finally(() => clearInterval(ticking))
  if (status > 128) throw new BootstrapError('Stopped; the next run starts the installation again.', status)
  if (status !== 0)
    throw new BootstrapError(`npm ${args.join(' ')} failed (status ${status}):\n${output.trim()}`)
}

/** @returns {string} path of npm's JavaScript */
function findNpm() {
  // Under yarn or pnpm, npm_execpath is their program, but only npm reads package-lock.json.
  const running = process.env['npm_execpath']
  if (running !== undefined && basename(running) === 'npm-cli.js' && existsSync(running)) return running
  const folder = dirname(realpathSync(process.execPath))
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((each) => join(each, 'npm'))
  const candidates = [
    join(folder, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(folder, 'node_modules/npm/bin/npm-cli.js'),
    ...onPath.filter((each) => existsSync(each)).map((each) => realpathSync(each)),
  ]
  const found = candidates.find((each) => existsSync(each) && each.endsWith('.js'))
  if (found === undefined)
    throw new BootstrapError('npm was not found. Install Node.js with npm, then try again.')
  return found
}

/** npm needs a writable cache. A user without a home folder gets one in the checkout. */
function cacheOption() {
  const cache = process.env['npm_config_cache'] ?? join(homedir(), '.npm')
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
    return []
  } catch {
    return ['--cache', join(runtimeFolder, 'npm-cache')]
  }
}
