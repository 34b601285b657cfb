import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { makeFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { join } from './joining.ts'

let sandbox: Sandbox
let server: Running
let boss: Browser
let owner: { id: string; client: Client }
let other: { id: string; client: Client }
beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person: boss } = made)
  owner = await join(server, boss, 'Hazel')
  other = await join(server, boss, 'Linden')
  return made.stop
})

const create = (name: string) =>
  owner.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey: sandbox.apiKeys[0]?.key ?? '' } },
  })
const source = (credentialId: string, name: string) => ({
  connector: 'close',
  credentialId,
  name,
  description: '',
  config: { object: 'leads' },
})

describe('a credential that is shared', () => {
  it("is its owner's alone until then", async () => {
    const { id } = await create('Private')
    const params = { id }
    expect((await other.client.credentials.list()).items).toEqual([])
    expect((await other.client.credentials.list()).total).toBe(0)
    expect((await boss.client.credentials.list()).items.map((item) => item.id)).toContain(id)
    expect(await problem(other.client.credentials.get({ params }))).toMatchObject({
      code: 'credential_not_found',
    })
    const use = other.client.sources.create({ body: source(id, 'Not mine') })
    expect(await problem(use)).toMatchObject({ code: 'credential_not_found' })
    const look = other.client.sources.sample({
      body: { connector: 'close', credentialId: id, config: { object: 'leads' } },
    })
    expect(await problem(look)).toMatchObject({ code: 'credential_not_found' })
  })

  it('is used by a collaborator, who can neither change nor share nor take it', async () => {
    const { id } = await create('Used together')
    const params = { id }
    const granted = await owner.client.credentialAccess.set({
      params,
      body: { memberId: other.id, role: 'collaborator' },
    })
    expect(granted).toEqual({
      items: [
        {
          subject: { kind: 'member', id: owner.id, name: 'Hazel' },
          member: { id: owner.id, name: 'Hazel' },
          role: 'owner',
        },
        {
          subject: { kind: 'member', id: other.id, name: 'Linden' },
          member: { id: other.id, name: 'Linden' },
          role: 'collaborator',
        },
      ],
      yourRole: 'owner',
    })
    expect((await other.client.credentials.list()).items.map((item) => item.id)).toEqual([id])
    const made = await other.client.sources.create({ body: source(id, 'Leads') })
    expect(made.credentialName).toBe('Used together')
    for (const call of [
      () => other.client.credentials.update({ params, body: { name: 'Mine' } }),
      () => other.client.credentials.secrets({ params, body: { values: { apiKey: 'x' } } }),
      () => other.client.credentialAccess.set({ params, body: { memberId: other.id, role: 'admin' } }),
      () => other.client.credentialAccess.transfer({ params, body: { to: other.id } }),
      () => other.client.credentials.delete({ params }),
    ]) {
      expect(await problem(call())).toMatchObject({ status: 403, code: 'forbidden' })
    }
    await owner.client.credentialAccess.set({ params, body: { memberId: other.id, role: null } })
    expect((await other.client.credentials.list()).items).toEqual([])
    const change = other.client.sources.update({
      params: { id: made.id },
      body: { config: { object: 'contacts' } },
    })
    expect(await problem(change)).toMatchObject({ code: 'credential_not_found' })
  })

  it('is granted to a subject, said once', async () => {
    const { id } = await create('For subjects')
    const params = { id }
    const set = (body: Parameters<typeof owner.client.credentialAccess.set>[0]['body']) =>
      owner.client.credentialAccess.set({ params, body })
    await set({ subject: { kind: 'everyone' }, role: 'collaborator' })
    await set({ subject: { kind: 'member', id: other.id }, role: 'operator' })
    const member = { id: other.id, name: 'Linden' }
    expect((await owner.client.credentialAccess.get({ params })).items.slice(1)).toEqual([
      { subject: { kind: 'everyone' }, member: null, role: 'collaborator' },
      { subject: { kind: 'member', ...member }, member, role: 'operator' },
    ])
    expect((await set({ memberId: null, role: null })).items).toHaveLength(2)
    expect((await set({ subject: { kind: 'member', id: other.id }, role: null })).items).toHaveLength(1)
    for (const body of [
      { role: 'operator' } as const,
      { subject: { kind: 'everyone' }, memberId: other.id, role: 'operator' } as const,
    ]) {
      expect(await problem(set(body))).toMatchObject({ status: 400, errors: [{ field: 'subject' }] })
    }
  })

  it("with everyone is every member's, also of one who joins later", async () => {
    const { id } = await create('For all')
    await owner.client.credentialAccess.set({ params: { id }, body: { memberId: null, role: 'operator' } })
    const later = await join(server, boss, 'Juniper')
    expect((await later.client.credentials.list()).items.map((item) => item.id)).toEqual([id])
    expect(await later.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
    expect((await later.client.credentialAccess.get({ params: { id } })).yourRole).toBe('operator')
  })

  it('is handed over whole; whoever had it stays an admin of it', async () => {
    const { id } = await create('Handed over')
    const after = await owner.client.credentialAccess.transfer({ params: { id }, body: { to: other.id } })
    expect(after).toMatchObject({
      yourRole: 'admin',
      items: [{ member: { id: other.id }, role: 'owner' }, {}],
    })
    const [entry] = (await boss.client.audit.list({ query: { objectId: id } })).items
    expect(entry).toMatchObject({ action: 'credential.transfer', actor: { name: 'Hazel' } })
    expect(entry).toMatchObject({ before: { ownerId: owner.id }, after: { ownerId: other.id } })
  })

  it('is listed page by page, whatever lies between', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `Page ${n}`)
    for (const name of names) {
      const { id } = await create(name)
      if (name !== 'Page 3') {
        await owner.client.credentialAccess.set({
          params: { id },
          body: { memberId: other.id, role: 'admin' },
        })
      }
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await other.client.credentials.list({ query: { query: 'Page', limit: 2, cursor } })
      expect(page.total).toBe(6)
      seen.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(names.filter((name) => name !== 'Page 3'))
  })
})

describe('what is answered', () => {
  it('says what whoever asks may do with it, alone and in lists', async () => {
    const { id: credentialId } = await create('Roles')
    const flowId = await makeFlow(
      owner.client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: 'roles.jsonl', format: 'jsonl' } },
    )
    const flow = await owner.client.flows.get({ params: { id: flowId } })
    const run = await owner.client.flows.run({ params: { id: flowId } })
    expect([flow.yourRole, run.yourRole]).toEqual(['owner', 'owner'])
    const roles = async ({ client }: { client: Client }) => {
      const query = { query: 'roles' }
      const alone = await Promise.all([
        client.credentials.get({ params: { id: credentialId } }),
        client.sources.get({ params: { id: flow.source.id ?? '' } }),
        client.destinations.get({ params: { id: flow.destination.id ?? '' } }),
        client.flows.get({ params: { id: flowId } }),
        client.runs.get({ params: { id: run.id } }),
      ])
      const lists = await Promise.all([
        client.credentials.list({ query }),
        client.sources.list({ query: { limit: 200 } }),
        client.destinations.list({ query: { limit: 200 } }),
        client.flows.list({ query: { limit: 200 } }),
        client.runs.list({ query: { flowId } }),
      ])
      const ids = new Set(alone.map(({ id }) => id))
      const listed = lists.flatMap(({ items }) => items.filter((item) => ids.has(item.id)))
      expect(listed.map(({ yourRole }) => yourRole)).toEqual(alone.map(({ yourRole }) => yourRole))
      return alone.map(({ yourRole }) => yourRole)
    }
    const grant = { memberId: other.id, role: 'operator' } as const
    await owner.client.credentialAccess.set({ params: { id: credentialId }, body: grant })
    await owner.client.sourceAccess.set({
      params: { id: flow.source.id ?? '' },
      body: { memberId: null, role: 'collaborator' },
    })
    await owner.client.destinationAccess.set({
      params: { id: flow.destination.id ?? '' },
      body: { memberId: other.id, role: 'admin' },
    })
    await owner.client.flowAccess.set({ params: { id: flowId }, body: grant })
    expect(await roles(other)).toEqual(['operator', 'collaborator', 'admin', 'operator', 'operator'])
    expect(await roles(owner)).toEqual(['owner', 'owner', 'owner', 'owner', 'owner'])
    expect(await roles({ client: boss.client })).toEqual(['owner', 'owner', 'owner', 'owner', 'owner'])
    expect(await other.client.credentials.check({ params: { id: credentialId } })).toMatchObject({
      yourRole: 'operator',
    })
  })
})
