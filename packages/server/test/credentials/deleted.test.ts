import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})

const create = (name: string, index = 0) =>
  person.client.credentials.create({
    body: {
      ...{ connector: 'close', method: 'api_key', name },
      values: { apiKey: sandbox.apiKeys[index]?.key ?? '' },
    },
  })
const useIt = (credentialId: string, name: string) =>
  person.client.sources.create({
    body: { connector: 'close', credentialId, name, description: '', config: { object: 'leads' } },
  })
const otherOrganization = () =>
  sandbox.apiKeys.findIndex(({ organizationId }) => organizationId !== sandbox.apiKeys[0]?.organizationId)

describe('a deleted credential', () => {
  it('is restored with its secrets, checked, within seven days', async () => {
    const { id } = await create('Comes back')
    const params = { id }
    await person.client.credentials.delete({ params })
    const [deleted] = (await person.client.deletedCredentials.list()).items
    expect(deleted).toMatchObject({ id, name: 'Comes back', owner: { name: 'Administrator' } })
    const days = (Date.parse(deleted?.restorableUntil ?? '') - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.9)
    const other = await join(server, person, 'Bryony')
    expect((await other.client.deletedCredentials.list()).items).toEqual([])
    expect(await person.client.deletedCredentials.restore({ params })).toMatchObject({
      id,
      status: 'verified',
    })
    expect((await person.client.deletedCredentials.list()).items).toEqual([])
    const again = person.client.deletedCredentials.restore({ params })
    expect(await problem(again)).toMatchObject({ status: 404, code: 'credential_not_found' })
  })

  it('is not restored over another of its name, until that one is renamed', async () => {
    const { id } = await create('Name')
    await person.client.credentials.delete({ params: { id } })
    const other = await create('Name')
    const restore = () => person.client.deletedCredentials.restore({ params: { id } })
    expect(await problem(restore())).toMatchObject({ status: 409, code: 'name_taken' })
    await person.client.credentials.update({ params: { id: other.id }, body: { name: 'Another name' } })
    expect((await restore()).name).toBe('Name')
  })
})

describe('a used credential', () => {
  it('is deleted after everything was moved to another one at once', async () => {
    const [from, to] = [await create('From'), await create('To')]
    const made = [await useIt(from.id, 'One'), await useIt(from.id, 'Two')]
    const refused = await problem(person.client.credentials.delete({ params: { id: from.id } }))
    expect(refused).toMatchObject({ code: 'credential_in_use' })
    expect(refused.blockers?.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort())
    const move = { params: { id: from.id }, body: { to: to.id } }
    expect(await person.client.deletedCredentials.moveUsage(move)).toEqual({ moved: 2 })
    const { items } = await person.client.credentials.usage({ params: { id: to.id } })
    expect(items.map(({ name }) => name)).toEqual(['One', 'Two'])
    await person.client.credentials.delete({ params: { id: from.id } })
  })

  it('is not moved unasked to one of another account', async () => {
    const [from, to] = [await create('Here'), await create('Elsewhere', otherOrganization())]
    await useIt(from.id, 'Three')
    const move = (confirmIdentityChange: boolean) =>
      person.client.deletedCredentials.moveUsage({
        params: { id: from.id },
        body: { to: to.id, confirmIdentityChange },
      })
    expect(await problem(move(false))).toMatchObject({ status: 409, code: 'identity_changed' })
    expect(await move(true)).toEqual({ moved: 1 })
  })
})
