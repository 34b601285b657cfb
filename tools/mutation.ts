import { join } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { runBreaks } from './mutation/run-breaks.ts'

/*
 * `npm run mutation`: changes the code of the parts below in every small way that Stryker knows, and runs their tests
 * against each change; the status is 0 if at least `leastPercent` of the changes make a test fail, in each part. What
 * survives is explained in docs/mutation-testing.md. `npm run mutation -- vault` does one part; `--force` runs again
 * what has been run with the same code and tests. `npm run mutation -- requirements` breaks what each security
 * requirement asks for, and is content if the tests named for it notice; numbers behind it choose some.
 */
const leastPercent = 85

/** The code to change. The tests of a part stand in `mutation/<part>.config.ts`: Stryker's own list of them would leave static mutants asleep. */
const parts: Readonly<Record<string, string[]>> = {
  vault: ['packages/vault/src/**/*.ts'],
  refresh: [
    'packages/server/src/credentials/records/opened-secrets.ts',
    'packages/server/src/credentials/refresh/{refresh,refresh-plan,refresh-save,refresh-turn}.ts',
    'packages/server/src/credentials/resume/resuming.ts',
    'packages/server/src/credentials/tokens/token-client.ts',
    'packages/server/src/credentials/store/refresh.ts',
  ],
}

const args = process.argv.slice(2)
const force = args.includes('--force')
const chosen = args.filter((each) => each !== '--force')
process.chdir(join(import.meta.dirname, '..'))
if (chosen[0] === 'requirements') process.exit((await runBreaks(chosen.slice(1).map(Number))) === 0 ? 0 : 1)
for (const [name, mutate] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  await new Stryker({
    mutate,
    force,
    testRunner: 'vitest',
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    vitest: { configFile: `tools/mutation/${name}.config.ts`, related: false },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: 20_000, // on a busy machine what is slow is not yet endless
    ignorePatterns: ['.node', 'bench', 'docs', 'e2e', 'packages/*/dist', 'reports'],
    incremental: true,
    incrementalFile: `reports/mutation/${name}-known.json`,
    reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
    jsonReporter: { fileName: `reports/mutation/${name}.json` },
    clearTextReporter: { allowColor: false, reportTests: false },
    thresholds: { high: 95, low: leastPercent, break: leastPercent },
  }).runMutationTest()
}
