import { createHash } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout, say } from './ground.mjs'
import { withLock } from './lock.mjs'
import { npm } from './npm.mjs'

const lockfile = join(checkout, 'package-lock.json')
const stamp = join(checkout, 'node_modules/.latchwork-stamp')
/** npm writes this file last, after a complete installation. */
const installed = join(checkout, 'node_modules/.package-lock.json')

/**
 * Installs the locked dependencies, unless they are installed already.
 *
 * @param {string} node path of the Node to run npm with
 * @param {NodeJS.ProcessEnv} env
 */
export async function installDependencies(node, env) {
  if (isInstalled()) return
  await withLock(async () => {
    if (isInstalled()) return
    say('Installing the dependencies into node_modules/ (about half a minute) ...')
    const started = Date.now()
    rmSync(stamp, { force: true })
    await npm(node, ['ci', '--include=dev', '--include=optional'], checkout, env)
    writeFileSync(stamp, fingerprint())
    say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
  })
}

/** True also after a manual `npm install` that is newer than the lockfile: it is left alone. */
function isInstalled() {
  try {
    const byHand = statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs
    return byHand || readFileSync(stamp, 'utf8') === fingerprint()
  } catch {
    return false
  }
}

function fingerprint() {
  return createHash('sha256')
    .update(readFileSync(lockfile))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
}
