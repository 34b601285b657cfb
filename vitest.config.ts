import { defineConfig } from 'vitest/config'

const tests = ['{src,test}/**/*.test.ts']
/** Their tests find a PostgreSQL in LATCHWORK_TEST_POSTGRES_URL: named by whoever runs them, or started for them. */
const storing = ['cli', 'connectors', 'server']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The concurrent ones mostly wait for other processes.
    maxConcurrency: 8,
    pool: 'forks',
    // More than there are cores: many tests wait for a lease or a process.
    maxWorkers: 3,
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
          exclude: ['**/node_modules/**', ...storing.map((name) => `packages/${name}/**`)],
        },
      },
    ],
  },
})
