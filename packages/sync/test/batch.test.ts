import type { Batch, StreamWriter } from '@latchwork/connectors'
import { expect, it } from 'vitest'
import { writeBatch } from '../src/batch.ts'

/** Takes everything, and notices something. */
const writer: StreamWriter = {
  finish: async () => null,
  abort: async () => undefined,
  close: async () => undefined,
  write: async ({ records }) => ({
    written: records.length,
    refused: [],
    state: null,
    notices: [{ code: 'column_widened', column: 'note', count: 1, message: 'It is wider now.' }],
  }),
}
const refused = { code: 'kind_refused', column: 'activity.sms', count: 1, message: 'Not read.' } as const
const unread = { record: { id: 'lead_1' }, row: null, code: 'record_too_large', message: 'Too large.' }

it('keeps what the source noticed beside what the destination did, and what the source could not read', async () => {
  const batch: Batch = {
    records: [{ id: 'lead_2' }],
    refused: [unread],
    notices: [refused],
    position: null,
  }
  const written = await writeBatch(writer, batch, 'id', null)
  expect(written.notices.map(({ code }) => code)).toEqual(['kind_refused', 'column_widened'])
  expect(written.refused).toMatchObject([{ key: 'lead_1', row: null, code: 'record_too_large' }])
  expect(written.counts).toMatchObject({ recordsRead: 2, recordsWritten: 1, recordsRefused: 1 })
})

it('keeps them of a batch that holds nothing else', async () => {
  const batch: Batch = { records: [], notices: [refused], position: null }
  const written = await writeBatch(writer, batch, 'id', null)
  expect(written.notices).toEqual([refused])
})
