import type { DataRecord } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type { Batch, Json, ReadPurpose, Source, StreamReader } from '../../src/index.ts'
import { testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

/** The sandbox's first organization, opened as a source by its admin's key unless another is given. */
export async function openSandboxSource(sandbox: Sandbox, apiKey?: string): Promise<Source> {
  const connector = sandboxConnector(sandbox)
  const source = await connector.openSource?.({}, keyCredential(sandbox, apiKey), testContext())
  if (source === undefined) throw new Error('Close is no source')
  return source
}

export async function openStream(
  sandbox: Sandbox,
  stream: string,
  columns: readonly string[] = [],
  purpose: ReadPurpose = 'run',
): Promise<StreamReader> {
  const source = await openSandboxSource(sandbox)
  const { signal } = testContext()
  return source.open({ stream, mode: 'full', columns, parameters: {} }, purpose, signal)
}

export async function batchesOf(reader: StreamReader, position: Json | null = null): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of reader.batches(position)) batches.push(batch)
  return batches
}

export async function recordsOf(sandbox: Sandbox, stream: string): Promise<DataRecord[]> {
  return (await batchesOf(await openStream(sandbox, stream))).flatMap(({ records }) => records)
}

export const idsOf = (records: readonly Readonly<Record<string, unknown>>[]): string[] =>
  records.map((record) => String(record['id'])).sort()

/** What the sandbox itself answers to its admin. */
export async function answerOf(sandbox: Sandbox, path: string): Promise<Record<string, unknown>> {
  const authorization = `Basic ${btoa(`${sandbox.apiKeys[0]?.key}:`)}`
  const response = await fetch(`${sandbox.apiUrl}/api/v1${path}`, { headers: { authorization } })
  const body: unknown = await response.json()
  if (!response.ok || typeof body !== 'object' || body === null)
    throw new Error(`${path}: ${response.status}`)
  return Object.fromEntries(Object.entries(body))
}

/** The records in a list member of an answer. */
export function listIn(answer: Readonly<Record<string, unknown>>, name: string): Record<string, unknown>[] {
  const rows = answer[name]
  if (!Array.isArray(rows)) throw new Error(`no list ${name}`)
  return rows.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) throw new Error(`no record in ${name}`)
    return Object.fromEntries(Object.entries(row))
  })
}
