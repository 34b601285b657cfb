import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { writeRecords } from './open-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-names-'))
  return () => rm(folder, { recursive: true })
})

const columns = [
  { name: 'id', label: 'Id', type: 'text' },
  { name: 'custom.cf_1', label: 'Number of seats', type: 'number', as: 'number_of_seats' },
] as const
const record = { id: 'lead_1', 'custom.cf_1': 5, beside: true }

it.each([
  ['csv', {}, 'id,number_of_seats\nlead_1,5\n'],
  ['csv', { header: 'labels' }, 'Id,Number of seats\nlead_1,5\n'],
  ['csv', { header: 'ids' }, 'id,custom.cf_1\nlead_1,5\n'],
  ['jsonl', {}, '{"id":"lead_1","number_of_seats":5,"beside":true}\n'],
  ['jsonl', { keys: 'ids' }, '{"id":"lead_1","custom.cf_1":5,"beside":true}\n'],
])('a file of %s with %j calls columns as it should', async (format, more, expected) => {
  await writeRecords(folder, { file: 'leads', format, ...more }, [record], { columns })
  expect(await readFile(join(folder, 'leads'), 'utf8')).toBe(expected)
})
