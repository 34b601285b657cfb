import { describe, expect, it } from 'vitest'
import { summarizePlaywright, summarizeVitest, summaryLines } from '../test-run/summary.ts'

const vitest = {
  testResults: [
    {
      name: '/code/packages/a/test/slow.test.ts',
      status: 'failed',
      message: '',
      startTime: 1_000,
      endTime: 61_000,
      assertionResults: [
        { status: 'failed', fullName: 'a pool > ends', failureMessages: ['AssertionError: 1 is not 2'] },
        { status: 'passed', fullName: 'a pool > begins', failureMessages: [] },
      ],
    },
    {
      name: '/code/packages/a/test/broken.test.ts',
      status: 'failed',
      message: 'Cannot find a module',
      startTime: 0,
      endTime: 10,
      assertionResults: [],
    },
  ],
}
const spec = (title: string, ok: boolean) => ({
  file: 'roles.spec.ts',
  title,
  ok,
  tests: [{ results: [{ duration: 4_000, ...(ok ? {} : { error: { message: 'No such button' } }) }] }],
})
const playwright = {
  suites: [
    {
      specs: [spec('sees all', true)],
      suites: [{ specs: [spec('presses all', false)] }],
    },
  ],
}

describe('the summary of a test run', () => {
  it('names each failed test, its file and its message, last', () => {
    const lines = summaryLines([summarizeVitest(vitest, '/code'), summarizePlaywright(playwright)])
    expect(lines.slice(-3)).toEqual([
      'FAILED packages/a/test/slow.test.ts > a pool > ends\n  AssertionError: 1 is not 2',
      'FAILED packages/a/test/broken.test.ts > not loaded\n  Cannot find a module',
      'FAILED e2e/tests/roles.spec.ts > presses all\n  No such button',
    ])
  })

  it('names the slowest files first', () => {
    const lines = summaryLines([summarizeVitest(vitest, '/code'), summarizePlaywright(playwright)])
    expect(lines.slice(0, 3)).toEqual([
      'The slowest test files:',
      '    60 s  packages/a/test/slow.test.ts',
      '     8 s  e2e/tests/roles.spec.ts',
    ])
  })

  it('says nothing where no runner left a report', () => {
    expect(summaryLines([summarizeVitest(undefined, '/code'), summarizePlaywright(undefined)])).toEqual([])
  })
})
