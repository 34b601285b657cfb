import { defineConfig } from 'vitest/config'

/** The tests for mutants of the vault: all except the slow ones. */
export default defineConfig({
  test: {
    isolate: false,
    testTimeout: 30_000,
    include: ['packages/vault/test/{,kms/}*.test.ts'],
  },
})
