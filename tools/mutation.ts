import { join } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { runBreaks } from './mutation/run-breaks.ts'

/*
 * `npm run mutation`: makes every small change that Stryker knows to the code of the parts below, and runs their tests
 * against each change. The status is 0 if at least `leastPercent` of the changes make a test fail, in each part.
 * docs/mutation-testing.md explains the survivors. `npm run mutation -- vault` does one part; `--force` repeats also
 * what was run with the same code and tests. `npm run mutation -- requirements` breaks what each security requirement
 * asks for. Its status is 0 if the tests of each requirement notice. Numbers after it choose some requirements.
 */
const leastPercent = 85

/**
 * The code to change. `mutation/<part>.config.ts` names the tests of a part: with Stryker's own list, static mutants
 * would not be active.
 */
const parts: Readonly<Record<string, string[]>> = {
  vault: ['packages/vault/src/**/*.ts'],
  refresh: [
    'packages/server/src/credentials/records/opened-secrets.ts',
    'packages/server/src/credentials/refresh/{refresh,refresh-plan,refresh-save,refresh-turn}.ts',
    'packages/server/src/credentials/resume/resuming.ts',
    'packages/server/src/credentials/tokens/token-{call,client}.ts',
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
    timeoutMS: 20_000, // on a busy machine a slow test is not yet an endless one
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
