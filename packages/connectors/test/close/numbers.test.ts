import { type Column, type DataRecord, parseExactly } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStreamWriter, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 2 })
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const column = (name: string): Column => ({ name, label: name, type: 'text' })

async function write(cents: unknown, note: unknown = 'a deal') {
  const names = ['lead', 'note', 'cents']
  const pairs = [
    ['lead', 'lead_id'],
    ['note', 'note'],
    ['cents', 'value'],
  ].map(([from, to]) => ({ from, to }))
  const writer = await openStreamWriter(
    sandboxConnector(sandbox),
    { object: 'opportunities', mode: 'create', mapping: JSON.stringify(pairs) },
    keyCredential(sandbox),
    testContext(),
    { columns: names.map(column), key: null },
  )
  const result = await writer.write([{ lead: truth('lead')[0]?.['id'], note, cents }])
  await writer.close()
  return result
}

describe('a number field of Close', () => {
  it.each(['1.000', '1,5', '0x1F', '1e3', 'Infinity', '١٢', '007'])(
    'refuses the text %j rather than guessing',
    async (text) => {
      const before = truth('opportunity').length
      expect((await write(text))?.refused).toMatchObject([
        { code: 'record_refused', message: expect.stringContaining(`“${text}” is not plainly one`) },
      ])
      expect(truth('opportunity')).toHaveLength(before)
    },
  )

  it('takes what is plainly a number, spelled in any way of JSON, and a text field takes it too', async () => {
    const { n } = parseExactly('{"n":12050.00}') as DataRecord
    expect(await write(n, n)).toMatchObject({ written: 1, refused: [] })
    expect(truth('opportunity').at(-1)).toMatchObject({ value: 12050, note: '12050.00' })
    expect(await write('-12')).toMatchObject({ written: 1 })
    const { big } = parseExactly('{"big":1e400}') as DataRecord
    expect((await write(big))?.refused).toHaveLength(1)
  })
})
