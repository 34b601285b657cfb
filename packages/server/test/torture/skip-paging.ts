import { createCloseClient, parseCloseTimestamp } from '@latchwork/close'
import type { Batch, Json, Source, StreamReader } from '@latchwork/connectors'
import { z } from 'zod'
import { type CopyOrder, copied, copiedKinds } from './copying.ts'

const pathOf: Readonly<Record<string, string>> = {
  leads: '/lead/',
  contacts: '/contact/',
  opportunities: '/opportunity/',
  tasks: '/task/',
  activities: '/activity/',
}
const pageSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())), has_more: z.boolean() })
const pageSize = 20

/**
 * How Close is read by others: page by page, by `_skip`; from the second run on, only what has changed since the newest
 * date of the run before. It shows that the proof sees what is lost that way.
 */
export async function openBySkip(order: CopyOrder, signal: AbortSignal): Promise<Source> {
  const client = createCloseClient({
    apiUrl: order.apiUrl,
    authorize: async () => ({ type: 'api_key', apiKey: order.apiKey }),
    signal,
  })
  const open = (stream: keyof typeof copied): StreamReader => {
    async function* batches(position: Json | null): AsyncGenerator<Batch> {
      const sinceMs = typeof position === 'number' ? position : 0
      let newestMs = sinceMs
      for (let skip = 0; ; ) {
        const query = {
          ...{ _skip: skip, _limit: pageSize, _fields: ['id', '_type', ...copied[stream]].join() },
          ...(stream === 'tasks' ? { _type: 'all' } : {}),
        }
        const answer = await client.request({ method: 'GET', path: pathOf[stream] ?? '', query })
        const { data, has_more } = pageSchema.parse(answer)
        const records = data.filter((record) => isCopied(stream, record) && changedMs(record) >= sinceMs)
        newestMs = Math.max(newestMs, ...records.map(changedMs))
        if (records.length > 0) yield { records, position }
        skip += data.length
        if (!has_more) break
      }
      yield { records: [], position: newestMs }
    }
    return {
      columns: ['id', ...copied[stream]].map((name) => ({ name, label: name, type: 'text' })),
      ...{ key: 'id', ordered: false },
      ...{ batches, count: async () => null, close: async () => undefined },
    }
  }
  return {
    streams: async () => [],
    open: async ({ stream }) => {
      const named = z.enum(['leads', 'contacts', 'opportunities', 'tasks', 'activities']).parse(stream)
      return open(named)
    },
    close: async () => undefined,
  }
}

function changedMs(record: Readonly<Record<string, unknown>>): number {
  return parseCloseTimestamp(String(record['date_updated'])) ?? 0
}

const wordOf: Readonly<Record<string, string>> = {
  Note: 'note',
  Call: 'call',
  Email: 'email',
  SMS: 'sms',
  Meeting: 'meeting',
  LeadMerge: 'lead_merge',
}

function isCopied(stream: string, record: Readonly<Record<string, unknown>>): boolean {
  return stream !== 'activities' || copiedKinds.some((kind) => kind === wordOf[String(record['_type'])])
}
