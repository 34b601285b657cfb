import { defineConfig } from 'vitest/config'

/** The tests that the refresh protocol's mutants run against: those that are quick. */
export default defineConfig({
  test: {
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    include: [
      'packages/server/test/credentials/{access,refresh-plan,refresher,resuming}*.test.ts',
      'packages/server/test/credentials/authorize/token-client*.test.ts',
      'packages/server/test/database/refresh-sqlite.test.ts',
    ],
  },
})
