import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tools/test-run/longest-first.ts'

const tests = ['{src,test}/**/*.test.ts']
/** Their tests find a PostgreSQL in LATCHWORK_TEST_POSTGRES_URL: named by whoever runs them, or started for them. */
const storing = ['cli', 'connectors', 'server']

const walks = 'tools/test/walks/*.test.ts'

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for may take its time on a busy machine; a second, the usual, is less than a run needs to begin.
    expect: { poll: { timeout: 20_000 } },
    // The concurrent ones mostly wait for other processes.
    maxConcurrency: 8,
    pool: 'forks',
    // What files import is loaded once a worker; nothing of ours keeps a state in a module.
    isolate: false,
    // Node runs our TypeScript as it is, here as in the product.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // What Node makes of the sources is kept for every worker, and for the processes that tests start.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
    // More than there are cores: many tests wait for a lease or a process.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'with PostgreSQL',
          include: storing.flatMap((name) => tests.map((glob) => `packages/${name}/${glob}`)),
          globalSetup: 'tools/test-run/database-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'the rest',
          include: [...tests.map((glob) => `packages/*/${glob}`), '{tools,e2e/kill,e2e/forms}/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...storing.map((name) => `packages/${name}/**`), walks],
        },
      },
      {
        extends: true,
        // They note the calls of modules, which must not be loaded before.
        test: { name: 'the walks', include: [walks], isolate: true },
      },
    ],
  },
})
