import { createCloseClient } from '@latchwork/close'
import type { DataRecord } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { ClockSkew } from '../../src/close/clock-skew.ts'
import { readIncremental } from '../../src/close/incremental.ts'
import { RefusedKinds } from '../../src/close/refused-kinds.ts'
import type { Clock, Json } from '../../src/index.ts'

/** Incremental readings of a sandbox's contacts, one after another, with pages of a size that a run never has. */
export interface Readings {
  readonly records: ReadonlyMap<string, DataRecord>
  /** Each record with its date of change, as the last run brought it. */
  readonly forms: readonly string[]
  /** @param most batches before it is cut off */
  run(most?: number): Promise<void>
}

export function readings(sandbox: Sandbox, pageSize: number, clock: Clock): Readings {
  let clockSkew = new ClockSkew()
  const client = createCloseClient({
    apiUrl: sandbox.apiUrl,
    authorize: async () => ({ type: 'api_key', apiKey: sandbox.apiKeys[0]?.key ?? '' }),
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      clockSkew.observe(response.headers.get('date'), clock.now())
      return response
    },
  })
  const records = new Map<string, DataRecord>()
  const forms: string[] = []
  let state: Json | null = null
  const parts = {
    ...{ client, clock, pageSize, columns: [], searchTypes: ['contact'], types: {}, compareAfterMs: null },
    fields: ['id', 'title', 'lead_id', 'date_updated'],
    signal: new AbortController().signal,
    ...{ parameters: {}, unfiltered: client },
    filter: { fixed: () => [], changing: () => [], isFromOutside: false },
    cut: async (searchTypes: readonly string[]) => searchTypes.map((searchType) => ({ searchType })),
  }
  const run = async (most = Number.POSITIVE_INFINITY): Promise<void> => {
    forms.length = 0
    // A run does not know what time it was at Close in the one before.
    clockSkew = new ClockSkew()
    let batches = 0
    for await (const batch of readIncremental(
      { ...parts, clockSkew, refusedKinds: new RefusedKinds(['contact']) },
      state,
    )) {
      for (const record of batch.records) {
        records.set(String(record['id']), record)
        forms.push(`${record['id']} ${record['date_updated']}`)
      }
      for (const id of batch.deleted ?? []) records.delete(id)
      state = JSON.parse(JSON.stringify(batch.position))
      batches += 1
      if (batches === most) return
    }
  }
  return { records, forms, run }
}
