import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, person } = made)
  return made.stop
})

const key = (index: number) => sandbox.apiKeys[index]?.key ?? ''
const input = (name: string, apiKey: string) => ({
  body: { connector: 'close', method: 'api_key', name, values: { apiKey } },
})

describe('an API-key credential', () => {
  it('is checked, pinned to its account and saved', async () => {
    const made = await person.client.credentials.create(input('Sales', `  ${key(0)}\r\n`))
    expect(made).toMatchObject({
      status: 'verified',
      reason: null,
      name: 'Sales',
      secretsSet: ['apiKey'],
      values: {},
    })
    expect(made.identity?.organizationId).toBe(sandbox.organizations[0]?.id)
    expect(made.owner.name).toBe('Administrator')
    expect(JSON.stringify(made)).not.toContain(key(0))
    expect(await person.client.credentials.get({ params: { id: made.id } })).toEqual(made)
    const { items, total } = await person.client.credentials.list()
    expect(items.map((item) => item.id)).toContain(made.id)
    expect(total).toBe(items.length)
  })

  it('is refused with the reason at the field when Close refuses the key', async () => {
    const refused = await problem(person.client.credentials.create(input('Refused', 'api_nobody.nothing')))
    expect(refused).toMatchObject({
      status: 422,
      code: 'api_key_rejected',
      errors: [{ field: 'values.apiKey' }],
    })
    const { items } = await person.client.credentials.list({ query: { query: 'Refused' } })
    expect(items).toEqual([])
  })

  it('is saved as unverified when Close cannot be reached, and verified by a later check', async () => {
    sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 10 })
    const made = await person.client.credentials.create(input('Later', key(0)))
    expect(made).toMatchObject({ status: 'unverified', identity: null })
    expect(made.reason?.message).toMatch(/Close/)
    sandbox.control.clearFaults()
    const checked = await person.client.credentials.check({ params: { id: made.id } })
    expect(checked).toMatchObject({ status: 'verified', reason: null })
    expect(checked.identity?.organizationId).toBe(sandbox.organizations[0]?.id)
  })
})
