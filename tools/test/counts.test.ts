import { describe, expect, it } from 'vitest'
import { countPlaywright, countVitest, settle } from '../test-run/runners.ts'

const vitest = (results: { status: string; assertionResults: { status: string }[] }[], failed = 0) => ({
  numPassedTests: 5,
  numFailedTests: failed,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: results,
})
const playwright = {
  stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
  errors: [{ message: 'no server' }],
}

describe('the closing count', () => {
  it('takes what vitest reports', () => {
    const report = vitest(
      [{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }],
      1,
    )
    expect(countVitest(report)).toEqual({ passed: 5, failed: 1, skipped: 1 })
  })

  it('counts a test file that does not load as a failure', () => {
    expect(countVitest(vitest([{ status: 'failed', assertionResults: [] }]))).toMatchObject({ failed: 1 })
  })

  it('counts what Playwright passed only when repeated, and errors outside tests, as failures', () => {
    expect(countPlaywright(playwright)).toEqual({ passed: 4, failed: 3, skipped: 2 })
  })

  it('never calls a runner that failed a success', () => {
    expect(settle({ passed: 3, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
    expect(settle(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(settle({ passed: 3, failed: 0, skipped: 0 }, 0)).toEqual({ passed: 3, failed: 0, skipped: 0 })
  })
})
