import { defineConfig } from 'vitest/config'

/** The tests that the vault's mutants run against: all but the slow ones. */
export default defineConfig({
  test: {
    isolate: false,
    testTimeout: 30_000,
    include: ['packages/vault/test/{,kms/}*.test.ts'],
  },
})
