import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/*
 * Which part may import which (ARCHITECTURE.md draws it). Paths are relative to the folder that is checked, so that
 * a test can hold a made-up repository against these rules.
 */

/** Parts by folder in packages/: what each may import of ours. */
const arrows = {
  contract: [],
  close: [],
  'close-sandbox': [],
  vault: ['contract'],
  connectors: ['contract', 'close'],
  sync: ['contract', 'connectors'],
  server: ['contract', 'close', 'vault', 'connectors', 'sync'],
  web: ['contract'],
  cli: ['contract'],
}

/** Parts that run outside Node, or keep to a few of its modules. */
const nodeModules = {
  contract: [],
  close: [],
  web: [],
  sync: [],
  // `http` and `https` for their agents: AWS's client takes them to go through a proxy.
  vault: ['crypto', 'fs', 'fs/promises', 'http', 'https', 'path', 'util'],
}

/** @param {string[]} names */
const anyOf = (names) => names.map((name) => name.replaceAll('/', '\\/')).join('|')
const source = (name) => `^packages/${name}/src/`

/** What packages offer: the files their manifests name in `exports`. */
const offered = globSync('packages/*/package.json').flatMap((file) => {
  const { exports = {} } = JSON.parse(readFileSync(file, 'utf8'))
  const files = Object.values(exports).flatMap((each) =>
    typeof each === 'string' ? [each] : Object.values(each),
  )
  return files.map((each) => `^${join(dirname(file), each).replaceAll('.', '\\.')}$`)
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(arrows).map(([name, allowed]) => ({
      name: `arrow-from-${name}`,
      comment: `${name} may import of ours: ${allowed.join(', ') || 'nothing'}.`,
      severity: 'error',
      from: { path: source(name) },
      to: {
        path: '^(packages|tools|e2e|bench)/',
        pathNot: [...allowed, name].map((each) => `^packages/${each}/`),
      },
    })),
    ...Object.entries(arrows).map(([name, allowed]) => ({
      name: `arrow-from-tests-of-${name}`,
      comment: `Tests of ${name} may also import close-sandbox, and what the tests of all have in common.`,
      severity: 'error',
      from: { path: `^packages/${name}/`, pathNot: source(name) },
      to: {
        path: '^(packages|tools|e2e|bench)/',
        pathNot: [
          ...[...allowed, name, 'close-sandbox'].map((each) => `^packages/${each}/`),
          '^tools/test-(databases|processes)/',
        ],
      },
    })),
    {
      name: 'unknown-part',
      comment: 'A new folder in packages/ needs its arrows written in .dependency-cruiser.mjs.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/(${anyOf(Object.keys(arrows))})/` },
      to: {},
    },
    ...Object.entries(nodeModules).map(([name, allowed]) => ({
      name: `node-modules-of-${name}`,
      comment: `${name} may import of Node: ${allowed.join(', ') || 'nothing'}.`,
      severity: 'error',
      from: { path: source(name) },
      to: {
        dependencyTypes: ['core'],
        ...(allowed.length > 0 && { pathNot: `^(node:)?(${anyOf(allowed)})$` }),
      },
    })),
    {
      name: 'no-cycle',
      comment: 'Imports form no circle, types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-folder-circle',
      comment: 'Folders form no circle either: each stands on its own floor.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^packages/[^/]+/src' },
      to: { circular: true },
    },
    {
      name: 'no-deep-import',
      comment: 'Another package is imported by its name, through what its manifest exports.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', ...offered] },
    },
    {
      name: 'no-path-into-package',
      comment: 'Another package is imported by its name, not by a path.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-test-in-product',
      comment: 'The product does not import tests.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '(^packages/[^/]+/test/|\\.test\\.ts$)' },
    },
    {
      name: 'no-orphan',
      comment: 'A file that nothing imports, and that is no entry, is left over.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '\\.test\\.ts$',
          '\\.config\\.ts$',
          '/(index|main)\\.tsx?$',
          '^e2e/tests/',
          '^packages/web/public/',
          '^tools/[^/]+$',
        ],
      },
      to: {},
    },
    {
      name: 'unresolvable',
      comment: 'An import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.(css|svg|woff2)($|\\?)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    ...(existsSync('tsconfig.base.json') && { tsConfig: { fileName: 'tsconfig.base.json' } }),
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
