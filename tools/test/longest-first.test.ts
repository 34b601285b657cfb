import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { longest } from '../test-run/longest-first.ts'

it('the tests that are to begin first are all there', () => {
  const packages = join(import.meta.dirname, '../../packages')
  expect(longest.filter((file) => !existsSync(join(packages, file)))).toEqual([])
})
