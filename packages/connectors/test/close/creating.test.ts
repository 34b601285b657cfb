import { type Sandbox, startSandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MemoryLedger } from '../context.ts'
import { createLeads, DestinationGround, mapping, namesOf } from './destination-ground.ts'

let sandbox: Sandbox
let ground: DestinationGround
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
  ground = new DestinationGround(sandbox)
  return () => sandbox.close()
})
beforeEach(() => ground.begin())

describe('a create whose answer is lost', () => {
  const target = '/api/v1/lead/'
  const method = 'POST'

  it.each([
    ['dropped before Close saw it', { kind: 'drop', when: 'before' }],
    ['dropped after Close carried it out', { kind: 'drop', when: 'after' }],
    ['answered with nonsense', { kind: 'nonsense', when: 'after' }],
    ['answered with a server error, carried out', { kind: 'status', status: 500, when: 'after' }],
    ['answered with a server error, not carried out', { kind: 'status', status: 500, when: 'before' }],
    ['answered by a gateway', { kind: 'status', status: 502, when: 'after' }],
  ] as const)('is neither lost nor doubled: %s', async (_, fault) => {
    sandbox.control.addFault({ target, method, ...fault, skip: 2, times: 3 })
    const writer = await ground.openWriter(createLeads)
    expect(await writer.write(ground.rows(12))).toMatchObject({ written: 12, refused: [] })
    expect(namesOf(ground.made())).toEqual(namesOf(ground.rows(12)))
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it('keeps records of the same content apart', async () => {
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'after', skip: 1, times: 2 })
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'before', skip: 5, times: 1 })
    const writer = await ground.openWriter(createLeads)
    const twins = Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, name: 'Twin', note: 'same' }))
    expect(await writer.write(twins.slice(0, 4))).toMatchObject({ written: 4, refused: [] })
    expect(await writer.write(twins.slice(4))).toMatchObject({ written: 6, refused: [] })
    expect(ground.made().length).toBe(10)
  })

  it('goes to quarantine when nobody can tell', async () => {
    sandbox.control.addFault({ target: '/api/v1/contact/', method, kind: 'drop', when: 'after' })
    const before = ground.truth('contact').length
    const ofLead = {
      object: 'contacts',
      mode: 'create',
      mapping: mapping(['id', 'lead_id'], ['note', 'title']),
    }
    const writer = await ground.openWriter(ofLead)
    // Without a name a record can't be recognized.
    const result = await writer.write([{ id: ground.leads()[0]?.['id'], note: 'nameless' }])
    expect(result).toMatchObject({ written: 0, refused: [{ index: 0, code: 'record_in_doubt' }] })
    expect(ground.truth('contact').length).toBe(before + 1)
  })

  it('waits for a search that lags behind before it sends again', async () => {
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'before' })
    const startedMs = Date.now()
    const writer = await ground.openWriter(createLeads, {}, { listLagMs: 900 })
    await writer.write(ground.rows(1))
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(900)
    expect(ground.made().length).toBe(1)
  })

  it('is found by the next process, which has only the ledger', async () => {
    for (const stopAfter of [0, 3, 7, 11]) {
      ground.begin()
      const ledger = new MemoryLedger()
      const ended = new AbortController()
      const first = await ground.openWriter(createLeads, { ledger }, { signal: ended.signal })
      sandbox.control.clearRequests()
      sandbox.control.setLatency(20)
      const writing = first.write(ground.rows(15))
      const posted = () => sandbox.control.requests().filter((request) => request.method === 'POST').length
      await expect.poll(posted, { timeout: 10_000, interval: 2 }).toBeGreaterThanOrEqual(stopAfter)
      ended.abort(new Error('the process ends'))
      const { written, interrupted } = await writing
      if (interrupted === undefined) expect(written).toBe(15)
      else expect(interrupted).toMatchObject({ message: 'the process ends' })
      // What was on its way was waited for, so that it is counted.
      expect(written).toBe(ground.made().length)
      sandbox.control.setLatency(0)
      const second = await ground.openWriter(createLeads, { ledger })
      expect(await second.write(ground.rows(15))).toMatchObject({ written: 15, refused: [] })
      expect(namesOf(ground.made())).toEqual(namesOf(ground.rows(15)))
    }
  })
})
