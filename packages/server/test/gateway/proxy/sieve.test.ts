import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cut } from '../../../src/gateway/proxy/record-cut.ts'
import { type Seeing, Sieve } from '../../../src/gateway/proxy/sieve.ts'
import { ask, codeOf, startClose, startGateway } from './gateway.ts'

const whole: Cut = { object: 'lead', fieldsOf: () => null, nested: {} }
const shown = new Set(['lead_a', 'lead_b'])
const seeing = (member: Seeing['member'], asked: number[] = []): Seeing => ({
  member,
  seen: async (leads) => {
    asked.push(leads.length)
    return new Set(leads.filter((lead) => shown.has(lead)))
  },
})

async function sieve(member: Seeing['member'], text: string, size = 65_536): Promise<string> {
  const parts = new Sieve(whole, seeing(member))
  const bytes = Buffer.from(text)
  const out: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size)
    out.push(Buffer.from(await parts.push(bytes.subarray(at, at + size))))
  out.push(await parts.end())
  return Buffer.concat(out).toString()
}

const lead = fc.constantFrom('lead_a', 'lead_b', 'lead_c', 'lead_d')
const inner = fc.record({ lead_id: fc.option(lead), text: fc.string() }, { requiredKeys: ['text'] })
const record = fc.record(
  {
    id: fc.string(),
    lead_id: fc.oneof(lead, lead, fc.constant(null), fc.constant(7)),
    tasks: fc.array(inner, { maxLength: 2 }),
  },
  { requiredKeys: ['id'] },
)
type Row = { lead_id?: unknown; tasks?: { lead_id?: string | null }[] }
const isShown = ({ lead_id: own, tasks = [] }: Row) =>
  typeof own === 'string' &&
  shown.has(own) &&
  tasks.every(({ lead_id: of }) => of === undefined || of === null || shown.has(of))

describe('#43 an answer for a pass that sees only some leads', () => {
  it('keeps the records of these leads, however it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        async (rows, size) => {
          const given = JSON.stringify({
            total_results: rows.length,
            data: rows,
            has_more: true,
            count: { total: 9 },
          })
          expect(JSON.parse(await sieve('lead_id', given, size))).toEqual({
            data: rows.filter(isShown),
            has_more: true,
          })
          expect(JSON.parse(await sieve('lead_id', JSON.stringify(rows, null, 1), size))).toEqual(
            rows.filter(isShown),
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('holds one record, or is as if there were none', async () => {
    expect(await sieve('id', '{"id":"lead_a","name":1.50}')).toBe('{"id":"lead_a","name":1.50}')
    for (const text of [
      '{"id":"lead_c"}',
      '{"name":"a"}',
      '{"id":null}',
      '{}',
      '{"id":"lead_a","contacts":[{"lead_id":"lead_c"}]}',
      '{"id":"lead_a","id":"lead_c"}',
      '{"id":"lead_c","id":"lead_a"}',
      '{"id":"lead_a","\\u006cead_id":"lead_c"}',
      '{"id":["lead_a"]}',
    ])
      await expect(sieve('id', text), text).rejects.toMatchObject({ code: 'lead_unseen' })
    expect(await sieve('lead_id', '{"lead_id":"lead_b","id":"x"}')).toContain('"x"')
    await expect(sieve('lead_id', '{"lead_id":null,"id":"x"}')).rejects.toMatchObject({ code: 'lead_unseen' })
  })

  const through = async (
    status: number,
    headers: Record<string, string>,
    body: string | Buffer,
    { asked = [], path = '/lead/' }: { asked?: number[]; path?: string } = {},
  ) => {
    const origin = await startClose((_, response) => response.writeHead(status, headers).end(body))
    const gateway = await startGateway(origin, { filter: whole, seeing: seeing('id', asked) })
    return ask(gateway, path)
  }
  const plain = { 'content-type': 'application/json' }

  it('is refused where it is not understood', async () => {
    const text = JSON.stringify({ data: [{ id: 'lead_a' }] })
    expect((await through(200, plain, text)).body.toString()).toBe('{"data":[{"id":"lead_a"}]}')
    for (const [headers, body] of [
      [{ ...plain, 'content-encoding': 'gzip' }, gzipSync(text)],
      [{ 'content-type': 'text/csv' }, 'id\nlead_a\n'],
      [plain, 'lead_a'],
      [plain, ''],
      [plain, '{"data":[{"id":"lead_a"}'],
      [plain, '{"data":["lead_a"]}'],
    ] as const)
      expect(codeOf(await through(200, headers, body)), String(body)).toBe('answer_uncut')
    expect(codeOf(await through(206, plain, text))).toBe('answer_uncut')
    expect(codeOf(await through(304, {}, ''))).toBe('answer_uncut')
    expect(codeOf(await through(404, plain, '{"error":"lead_c is not there"}'))).toBe('lead_unseen')
    const fault = await through(400, plain, '{"error":"No","lead":{"id":"lead_c"}}')
    expect([fault.status, fault.body.includes('lead_c')]).toEqual([400, false])
  })

  it('streams a long list, a hundred records at a time', async () => {
    const asked: number[] = []
    const rows = Array.from({ length: 2500 }, (_, at) => ({
      id: at % 2 === 0 ? 'lead_a' : `lead_${at}`,
      text: 'x'.repeat(400),
    }))
    const answer = await through(
      200,
      plain,
      JSON.stringify({ data: rows, total_results: 2500, has_more: false }),
      { asked },
    )
    const told = JSON.parse(answer.body.toString())
    expect([told.data.length, Object.keys(told)]).toEqual([1250, ['data', 'has_more']])
    expect(asked.length).toBeGreaterThan(20)
    expect(Math.max(...asked)).toBeLessThanOrEqual(100)
  })

  it('breaks off where Close can’t be asked any more, and ends when the client leaves', async () => {
    const rows = Array.from({ length: 2500 }, (_, at) => ({ id: `lead_${at % 90}`, text: 'x'.repeat(400) }))
    const origin = await startClose((_, response) =>
      response.writeHead(200, plain).end(JSON.stringify({ data: rows })),
    )
    let count = 0
    const failing: Seeing = {
      member: 'id',
      seen: async (leads) => {
        count += 1
        if (count > 20) throw new Error('away')
        return new Set(leads)
      },
    }
    const gateway = await startGateway(origin, { filter: whole, seeing: failing })
    await expect(ask(gateway, '/lead/')).rejects.toThrow()
    expect((await gateway.ended[0])?.outcome).not.toBe('answered')
    const first = await startGateway(origin, {
      filter: whole,
      seeing: { member: 'id', seen: () => Promise.reject(new Error('away')) },
    })
    expect((await ask(first, '/lead/')).status).toBeGreaterThanOrEqual(500)
  })
})
