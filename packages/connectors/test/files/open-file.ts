import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataRecord } from '@latchwork/contract'
import type { Config, Json, StreamReader, UnreadRecord } from '../../src/index.ts'
import { files, openReader, openStreamWriter, testContext, type WriterOptions } from '../context.ts'

export async function openFile(
  folder: string,
  config: Config,
  purpose: 'run' | 'sample' = 'run',
): Promise<StreamReader> {
  return openReader(files, config, null, testContext({ folder }), purpose)
}

export interface ReadFile {
  readonly columns: readonly string[]
  readonly records: readonly DataRecord[]
  readonly refused: readonly UnreadRecord[]
  readonly notes: string
  readonly key: string | null
}

/** A whole file, read by the source. */
export async function readFile(
  folder: string,
  config: Config,
  position: Json | null = null,
): Promise<ReadFile> {
  const reader = await openFile(folder, config)
  const records: DataRecord[] = []
  const refused: UnreadRecord[] = []
  try {
    for await (const page of reader.batches(position)) {
      records.push(...page.records)
      refused.push(...(page.refused ?? []))
    }
  } finally {
    await reader.close()
  }
  const columns = reader.columns.map(({ name, type }) => (type === 'text' ? name : `${name} ${type}`))
  return { columns, records, refused, notes: (reader.notes ?? []).join('\n'), key: reader.key }
}

/** As `readFile`, of a CSV file with this content. */
export async function readCsv(
  folder: string,
  content: string | Uint8Array,
  config: Config = {},
): Promise<ReadFile> {
  await writeFile(join(folder, 'any.csv'), content)
  return readFile(folder, { file: 'any.csv', format: 'csv', ...config })
}

/** A file with these records, written by the destination. */
export async function writeRecords(
  folder: string,
  config: Config,
  records: readonly DataRecord[],
  options: Partial<WriterOptions> = {},
): Promise<void> {
  const writer = await openStreamWriter(files, config, null, testContext({ folder }), options)
  try {
    await writer.write(records)
    await writer.finish()
  } finally {
    await writer.close()
  }
}
