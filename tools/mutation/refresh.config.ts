import { defineConfig } from 'vitest/config'

/** The tests for mutants of the refresh protocol: only the quick ones. */
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
