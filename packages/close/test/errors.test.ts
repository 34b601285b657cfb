import { readFile } from 'node:fs/promises'
import { CloseError, type CloseErrorCode, isCloseError } from '@latchwork/close'
import { describe, expect, it } from 'vitest'

// The compiler keeps this list whole; the tests keep the documentation so.
const every: Record<CloseErrorCode, true> = {
  unauthorized: true,
  forbidden: true,
  not_found: true,
  invalid: true,
  plan_limit: true,
  rate_limited: true,
  server_error: true,
  too_large: true,
  unreachable: true,
  in_doubt: true,
}

describe('CloseError', () => {
  it('has only codes that the README and the type explain', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const source = await readFile(new URL('../src/errors.ts', import.meta.url), 'utf8')
    for (const code of Object.keys(every)) {
      expect(readme).toContain(`\`${code}\``)
      expect(source).toContain(` * - \`${code}\`: `)
    }
  })

  it('is told apart from other errors and carries only what it has', () => {
    const error = new CloseError('rate_limited', 'Wait.', { status: 429, retryAfterSeconds: 2 })
    expect(isCloseError(error)).toBe(true)
    expect(isCloseError(new Error('Wait.'))).toBe(false)
    expect(isCloseError({ ...error })).toBe(false)
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'retryAfterSeconds', 'status'])
    expect(Object.keys(new CloseError('unreachable', 'No.')).sort()).toEqual(['code', 'name'])
  })
})
