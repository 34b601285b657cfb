import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'

type DataRecord = Readonly<Record<string, unknown>>

/** Downloads the file that a run wrote, from the run's page. */
export async function downloaded(page: Page): Promise<string> {
  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  return readFile(await (await downloading).path(), 'utf8')
}

/** The records of a text with one JSON object in each line, sorted by id. */
export function recordsOf(jsonLines: string): DataRecord[] {
  return jsonLines
    .trim()
    .split('\n')
    .map((line): DataRecord => JSON.parse(line))
    .sort(byId)
}

/** The chosen fields of records, sorted by id. */
export function fieldsOf(records: readonly DataRecord[], ...names: string[]): DataRecord[] {
  return [...records].sort(byId).map((each) => Object.fromEntries(names.map((name) => [name, each[name]])))
}

function byId(a: DataRecord, b: DataRecord): number {
  return String(a['id']) < String(b['id']) ? -1 : 1
}
