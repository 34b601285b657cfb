import { newId } from '@latchwork/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { join, password, programOf } from '../identity/joining.ts'
import { admin, type Running, startRunning } from '../running.ts'

const times = 8

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('requests at once, with %s', (_database, makePlace) => {
  let server: Running
  let token: string
  let memberId: string
  beforeAll(async () => {
    server = await startRunning(null, { makePlace, settings: { admin: null } })
    return server.stop
  })

  const ask = async (method: string, path: string, body?: unknown, by = token) => {
    const answer = await server.browser().fetch(server.url + path, {
      method,
      headers: {
        'x-latchwork': '1',
        ...(by === '' ? {} : { authorization: `Bearer ${by}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: answer.body }
  }

  /** The same request many times at once; answers the statuses in order of size. */
  const atOnce = async (...request: Parameters<typeof ask>): Promise<number[]> => {
    const answers = await Promise.all(Array.from({ length: times }, () => ask(...request)))
    const statuses = answers.map(({ status }) => status).sort((left, right) => left - right)
    expect(Math.max(...statuses), answers.map(({ body }) => body).join('\n')).toBeLessThan(500)
    return statuses
  }
  const one = (done: number, refused: number) => [done, ...Array.from({ length: times - 1 }, () => refused)]

  it('make one administrator by one link', async () => {
    const setup = new URL((await server.app.setupLink()) ?? '').searchParams.get('token')
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) =>
        ask(
          'POST',
          '/api/setup',
          { ...admin, name: 'Wren', email: `${index}${admin.email}`, token: setup },
          '',
        ),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    const made = answers.findIndex(({ status }) => status === 200)
    const person = server.browser()
    await person.client.session.signIn({ body: { ...admin, email: `${made}${admin.email}` } })
    token = (await programOf(server, person)).token
    memberId = (await join(server, person, 'Finch')).id
    expect((await person.client.members.list()).items).toHaveLength(2)
  })

  it('invite an address once; the others are told of the conflict', async () => {
    const statuses = await atOnce('POST', '/api/invitations', {
      email: 'lark@hollowoak.example',
      role: 'member',
    })
    // One that has ended before another begins is replaced by it.
    expect(statuses[0]).toBe(201)
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([])
    const { invitations } = server.app.stores
    const row = { email: 'swift@hollowoak.example', role: 'member', invitedBy: memberId } as const
    const [first, second] = [newId('invitation'), newId('invitation')]
    await invitations.insert({ ...row, id: first, tokenHash: 'first' }, 60_000)
    const late = invitations.insert({ ...row, id: second, tokenHash: 'second' }, 60_000)
    await expect(late).rejects.toMatchObject({ code: 'conflict' })
    await invitations.erase(first)
    const { items } = JSON.parse((await ask('GET', '/api/invitations')).body)
    expect(items).toHaveLength(1)
    // One after the other the newer takes the place of the older.
    const again = await ask('POST', '/api/invitations', { email: 'Lark@hollowoak.example', role: 'admin' })
    expect(again.status).toBe(201)
    expect(JSON.parse((await ask('GET', '/api/invitations')).body).items).toMatchObject([{ role: 'admin' }])
    const link = new URL(JSON.parse(again.body).link).searchParams.get('token')
    expect(
      await atOnce('POST', '/api/invitations/accept', { token: link, name: 'Lark', password }, ''),
    ).toEqual(one(200, 403))
  })

  const files = { connector: 'files', credentialId: null, description: '' }
  const config = { file: 'a.csv', format: 'csv' }
  it('give a name once', async () => {
    const ids: string[] = []
    for (const kind of ['sources', 'destinations']) {
      expect(await atOnce('POST', `/api/${kind}`, { ...files, config, name: 'One' })).toEqual(one(201, 409))
      ids.push(JSON.parse((await ask('GET', `/api/${kind}`)).body).items[0].id)
      const others = await Promise.all(
        ['Two', 'Three', 'Four'].map((name) => ask('POST', `/api/${kind}`, { ...files, config, name })),
      )
      const renamed = await Promise.all(
        others.map(({ body }) => ask('PATCH', `/api/${kind}/${JSON.parse(body).id}`, { name: 'Five' })),
      )
      expect(renamed.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    }
    const [sourceId, destinationId] = ids
    const flow = { name: 'One', description: '', sourceId, destinationId, mapping: [], schedule: null }
    const statuses = await atOnce('POST', '/api/flows', flow)
    expect(statuses.every((status) => [201, 400, 409].includes(status))).toBe(true)
  })

  it('share, hand over and end things, none of them a fault of ours', async () => {
    const { body } = await ask('POST', '/api/sources', { ...files, config, name: 'Shared' })
    const { id } = JSON.parse(body)
    await atOnce('PUT', `/api/sources/${id}/access`, { memberId, role: 'operator' })
    await atOnce('PUT', `/api/sources/${id}/access`, { memberId: null, role: 'collaborator' })
    await atOnce('PATCH', `/api/members/${memberId}`, { role: 'admin' })
    await atOnce('POST', '/api/tokens', { name: 'the same' })
    const made = JSON.parse((await ask('POST', '/api/tokens', { name: 'ended' })).body)
    expect(await atOnce('DELETE', `/api/tokens/${made.token.id}`)).toEqual(one(204, 404))
    const { deviceCode } = JSON.parse((await ask('POST', '/api/devices', { deviceName: 'x' }, '')).body)
    await atOnce('POST', '/api/devices/token', { deviceCode }, '')
    await atOnce('POST', '/api/keys/rotate', {})
    await atOnce('POST', `/api/sources/${id}/access/transfer`, { to: memberId })
    await atOnce('DELETE', `/api/sources/${id}`)
    await atOnce('DELETE', `/api/members/${memberId}`)
    expect(server.log.filter((line) => line.includes('"code":"internal"'))).toEqual([])
  })
})
