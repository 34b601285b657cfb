import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {} from '../../src/index.ts'
import { MemoryLedger, openStreamWriter, testContext, type WriterOptions } from '../context.ts'
import { columns, createLeads, DestinationGround, mapping, namesOf } from './destination-ground.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
let ground: DestinationGround
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
  ground = new DestinationGround(sandbox)
  return () => sandbox.close()
})
beforeEach(() => ground.begin())

describe('records that a flow has created before', () => {
  const target = '/api/v1/lead/'
  const unkeyed = { key: null, ordered: true }
  const lines = (count: number): DataRecord[] => ground.rows(count).map(({ name, note }) => ({ name, note }))
  /** Writes a page in a run of its own that ends in the middle, and answers how many it says it has written. */
  const beginThat = async (ledger: MemoryLedger, page: DataRecord[], options: Partial<WriterOptions>) => {
    sandbox.control.addFault({ target, method: 'POST', kind: 'status', status: 401, skip: 7, times: 1_000 })
    const writer = await ground.openWriter(createLeads, { ledger, ...options })
    const { written, created, refused, interrupted } = await writer.write(page)
    expect(interrupted).toMatchObject({ code: 'api_key_rejected' })
    expect([created, refused]).toEqual([written, []])
    expect(written).toBe(ground.made().length)
    sandbox.control.clearFaults()
    ledger.run = 'second'
  }

  it.each([
    ['by their keys', { key: 'id', ordered: false }, (count: number) => ground.rows(count)],
    ['by their content', unkeyed, lines],
  ] as const)('are known %s in the next run, and counted', async (_, options, page) => {
    const ledger = new MemoryLedger()
    await beginThat(ledger, page(20), options)
    const writer = await ground.openWriter(createLeads, { ledger, ...options })
    expect(await writer.write(page(20))).toMatchObject({ written: 20, created: 20, refused: [] })
    expect(namesOf(ground.made())).toEqual(namesOf(ground.rows(20)))
  })

  it('are known by their content wherever they stand, and two of the same content stay two', async () => {
    const ledger = new MemoryLedger()
    const twin = { name: 'Twin', note: 'same' }
    await beginThat(ledger, [...lines(5), twin, twin, ...lines(12).slice(5)], unkeyed)
    const first = { name: 'Inserted', note: 'new' }
    const writer = await ground.openWriter(createLeads, { ledger, ...unkeyed })
    const now = [first, ...lines(5), twin, twin, twin, ...lines(12).slice(5)]
    expect(await writer.write(now.slice(0, 9))).toMatchObject({ written: 9, refused: [] })
    expect(await writer.write(now.slice(9))).toMatchObject({ written: now.length - 9, refused: [] })
    expect(namesOf(ground.made())).toEqual(namesOf(now))
  })

  it('are created again in another account', async () => {
    const ledger = new MemoryLedger()
    const writer = await ground.openWriter(createLeads, { ledger })
    await writer.write(ground.rows(3))
    ledger.run = 'second'
    const elsewhere = await openStreamWriter(
      sandboxConnector(sandbox, { listLagMs: 300 }),
      createLeads,
      { ...keyCredential(sandbox), organizationId: 'orga_other' },
      testContext(),
      { columns, ledger },
    )
    expect(await elsewhere.write(ground.rows(3))).toMatchObject({ written: 3, created: 3 })
    expect(ground.made().length).toBe(6)
  })

  it('are not sent once another process has taken the run up', async () => {
    const ledger = new MemoryLedger()
    const taken = new Error('taken')
    ledger.begin = () => Promise.reject(taken)
    const writer = await ground.openWriter(createLeads, { ledger })
    expect((await writer.write(ground.rows(4))).interrupted).toBe(taken)
    const [lead] = ground.leads()
    const update = { object: 'leads', mode: 'update', mapping: mapping(['id', 'id'], ['name', 'name']) }
    const updater = await ground.openWriter(update, { hold: () => Promise.reject(taken) })
    expect((await updater.write([{ id: lead?.['id'], name: 'Late' }])).interrupted).toBe(taken)
    expect([ground.made(), ground.leads().find(({ name }) => name === 'Late')]).toEqual([[], undefined])
  })
})
