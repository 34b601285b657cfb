import {
  type CloseAuth,
  type CloseClient,
  type CloseClientOptions,
  createCloseClient,
  paginate,
  paginateEvents,
  RateBudget,
  type SearchRow,
  walkSearch,
} from '@latchwork/close'
import { type RateLimitHeaderStyle, type Sandbox, type SandboxOptions, startSandbox } from 'close-sandbox'
import { describe, expect, it, onTestFinished } from 'vitest'

type Started = { sandbox: Sandbox; close: CloseClient; organizationId: string; auth: CloseAuth }

async function start(
  options: SandboxOptions = {},
  client: Partial<CloseClientOptions> = {},
): Promise<Started> {
  const sandbox = await startSandbox({ leads: 120, ...options })
  onTestFinished(() => sandbox.close())
  const [key] = sandbox.apiKeys
  const auth: CloseAuth = { type: 'api_key', apiKey: key?.key ?? '' }
  const close = createCloseClient({
    apiUrl: sandbox.apiUrl,
    authorize: async () => auth,
    retry: { baseDelayMs: 5 },
    ...client,
  })
  return { sandbox, close, auth, organizationId: key?.organizationId ?? '' }
}

const idsOf = (rows: readonly { id?: unknown }[]): string[] => rows.map((row) => String(row.id)).sort()

describe('against the sandbox: authentication', () => {
  it('says whose key it is', async () => {
    const { close, organizationId } = await start()
    const me = await close.me()
    expect(me.organizations.map((organization) => organization.id)).toContain(organizationId)
    expect((await close.organization(organizationId)).name).toBe(me.organizations[0]?.name)
    expect((await close.users.get(me.id)).email).toBe(me.email)
  })

  it('uses an OAuth token, and a new one when the old has ended', async () => {
    const { sandbox } = await start()
    const [app] = sandbox.oauthApps
    const token = async (
      grant: Record<string, string>,
    ): Promise<{ access_token: string; refresh_token: string }> => {
      const body = new URLSearchParams({
        client_id: app?.clientId ?? '',
        client_secret: app?.clientSecret ?? '',
        ...grant,
      })
      const response = await fetch(`${sandbox.apiUrl}/oauth2/token/`, { method: 'POST', body })
      const pair: unknown = await response.json()
      expect(pair).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) })
      return Object.assign({ access_token: '', refresh_token: '' }, pair)
    }
    let pair = await token({
      grant_type: 'authorization_code',
      code: sandbox.control.authorize({ clientId: app?.clientId ?? '' }),
    })
    const close = createCloseClient({
      apiUrl: sandbox.apiUrl,
      authorize: async () => ({ type: 'bearer', accessToken: pair.access_token }),
      rejected: async () => {
        pair = await token({ grant_type: 'refresh_token', refresh_token: pair.refresh_token })
        return true
      },
    })
    const before = await close.me()
    sandbox.control.expireAccessTokens()
    expect((await close.me()).id).toBe(before.id)
  })

  it('is told when the key is disabled', async () => {
    const { sandbox, close } = await start()
    sandbox.control.setKeyEnabled(sandbox.apiKeys[0]?.id ?? '', false)
    await expect(close.me()).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
  })
})

describe('against the sandbox: records', () => {
  it('creates, reads, updates and deletes', async () => {
    const { close } = await start()
    const lead = await close.leads.create({
      name: 'Fern & Moss Ltd',
      contacts: [{ name: 'Ada Fern' }],
    })
    expect(lead.contacts?.[0]?.name).toBe('Ada Fern')
    const contact = await close.contacts.create({ lead_id: lead.id, name: 'Bo Moss' })
    const opportunity = await close.opportunities.create({ lead_id: lead.id, value: 12_500, confidence: 40 })
    const task = await close.tasks.create({
      _type: 'lead',
      lead_id: lead.id,
      text: 'Call',
      date: '2026-03-01',
    })
    const note = await close.activities.notes.create({ lead_id: lead.id, note: 'Hello' })
    expect((await close.leads.update(lead.id, { name: 'Fern Ltd' })).name).toBe('Fern Ltd')
    expect((await close.contacts.update(contact.id, { title: 'Chair' })).title).toBe('Chair')
    expect((await close.opportunities.update(opportunity.id, { confidence: 90 })).confidence).toBe(90)
    expect((await close.tasks.update(task.id, { is_complete: true })).is_complete).toBe(true)
    expect((await close.activities.notes.get(note.id)).note).toBe('Hello')
    const notes = await close.activities.notes.list({ lead_id: lead.id })
    expect(idsOf(notes.data)).toEqual([note.id])
    await close.activities.notes.delete(note.id)
    await close.leads.delete(lead.id)
    await expect(close.leads.get(lead.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('lists settings, with and without has_more', async () => {
    const { close } = await start()
    for (const page of [
      await close.leadStatuses.list(),
      await close.opportunityStatuses.list(),
      await close.pipelines.list(),
      await close.customFields('lead').list(),
      await close.users.list(),
    ]) {
      expect(page.data.length).toBeGreaterThan(0)
    }
    await expect(close.savedSearches.list()).resolves.toHaveProperty('data')
  })

  it('passes on what Close says of a wrong request', async () => {
    const { close } = await start()
    await expect(close.leads.list({ _limit: 1_000 })).rejects.toMatchObject({
      code: 'invalid',
      status: 400,
      fieldErrors: { _limit: expect.stringContaining('200') },
    })
    await expect(close.request({ method: 'GET', path: '/nowhere/' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('reads a whole list, and the event log', async () => {
    const { sandbox, close, organizationId } = await start()
    const leads: { id: string }[] = []
    for await (const lead of paginate(close.leads.list, { _limit: 50, _fields: ['id'] })) leads.push(lead)
    expect(idsOf(leads)).toEqual(idsOf(sandbox.control.truth(organizationId, 'lead')))
    for (const lead of leads.slice(0, 60)) await close.leads.update(lead.id, { description: 'seen' })
    const events: string[] = []
    for await (const event of paginateEvents(close.events, { object_type: 'lead', action: 'updated' })) {
      events.push(String(event.object_id))
    }
    expect([...new Set(events)].sort()).toEqual(idsOf(leads.slice(0, 60)))
  })
})

describe('against the sandbox: faults', () => {
  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a create whose connection drops %s it was carried out is in doubt', async (when, made) => {
    const { sandbox, close, organizationId } = await start()
    sandbox.control.addFault({ target: '/api/v1/lead/', method: 'POST', kind: 'drop', when })
    await expect(close.leads.create({ name: 'Once Only' })).rejects.toMatchObject({ code: 'in_doubt' })
    const truth = sandbox.control.truth(organizationId, 'lead').filter((lead) => lead['name'] === 'Once Only')
    expect(truth.length).toBe(made)
  })

  it('an update and a delete survive lost answers', async () => {
    const { sandbox, close, organizationId } = await start({}, { timeoutMs: 300 })
    const [lead] = (await close.leads.list({ _limit: 1 })).data
    const id = lead?.id ?? ''
    for (const kind of ['drop', 'nonsense', 'hang'] as const) {
      sandbox.control.addFault({ target: '/api/v1/lead/*/', method: 'PUT', kind, when: 'after' })
    }
    await expect(close.leads.update(id, { name: 'Anew' })).resolves.toMatchObject({ name: 'Anew' })
    sandbox.control.addFault({ target: '/api/v1/lead/*/', method: 'DELETE', kind: 'drop', when: 'after' })
    await close.leads.delete(id)
    expect(idsOf(sandbox.control.truth(organizationId, 'lead'))).not.toContain(id)
  })

  it('reads survive every fault there is', async () => {
    const { sandbox, close } = await start({}, { timeoutMs: 300 })
    sandbox.control.addFault({ target: '/api/v1/me/', kind: 'status', status: 503 })
    sandbox.control.addFault({ target: '/api/v1/me/', kind: 'hang' })
    sandbox.control.addFault({ target: '/api/v1/me/', kind: 'nonsense' })
    sandbox.control.addFault({ target: '/api/v1/me/', kind: 'drop' })
    await expect(close.me()).resolves.toHaveProperty('email')
    expect(sandbox.control.requests().filter((request) => request.path === '/api/v1/me/').length).toBe(5)
  })
})

describe('against the sandbox: rate limits', () => {
  it.each<RateLimitHeaderStyle>(['comma', 'semicolon', 'separate', 'x-rate-limit', 'none'])(
    'are kept with headers in the style %s',
    async (headers) => {
      const { sandbox, auth } = await start({ rateLimit: { limit: 5, windowSeconds: 0.3, headers } })
      const budget = new RateBudget({ maxConcurrent: 5 })
      const close = createCloseClient({ apiUrl: sandbox.apiUrl, authorize: async () => auth, budget })
      const answers = await Promise.all(Array.from({ length: 12 }, () => close.leads.list({ _limit: 1 })))
      expect(answers.length).toBe(12)
      const refused = sandbox.control.requests().filter((request) => request.status === 429).length
      // With headers the client knows before Close has to refuse; without, the burst in flight learns together.
      expect(refused).toBeLessThanOrEqual(headers === 'none' ? 15 : 5)
    },
  )
})

describe('against the sandbox: walks', () => {
  const walk = async (close: CloseClient, objectType: string, pageSize = 50): Promise<SearchRow[]> => {
    const rows: SearchRow[] = []
    for await (const page of walkSearch(close, {
      objectType,
      dateField: 'date_updated',
      fields: ['name'],
      pageSize,
    })) {
      rows.push(...page.records)
    }
    return rows
  }

  it.each(['lead', 'contact', 'opportunity', 'task', 'activity', 'activity.note'])(
    'read every %s once',
    async (type) => {
      const { sandbox, close, organizationId } = await start()
      expect(idsOf(await walk(close, type))).toEqual(idsOf(sandbox.control.truth(organizationId, type)))
    },
  )

  it('lose no lead while leads are edited, added and deleted between the pages', async () => {
    const { sandbox, close, organizationId } = await start({ leads: 600 })
    const before = idsOf(sandbox.control.truth(organizationId, 'lead'))
    const deleted = new Set<string>()
    let turn = 0
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 1,
      repeat: true,
      do: () => {
        turn += 1
        if (turn > 20) return
        sandbox.control.edit({
          type: 'lead',
          id: before[(turn * 37) % 500] ?? '',
          changes: { name: `Edit ${turn}` },
        })
        sandbox.control.insert({ type: 'lead', record: { name: `New ${turn}` } })
        const gone = before[599 - turn] ?? ''
        sandbox.control.remove({ type: 'lead', id: gone })
        deleted.add(gone)
      },
    })
    const rows = await walk(close, 'lead')
    const delivered = new Set(idsOf(rows))
    expect(before.filter((id) => !delivered.has(id) && !deleted.has(id))).toEqual([])
    const forms = rows.map((row) => `${row.id} ${row['date_updated']}`)
    expect(new Set(forms).size).toBe(forms.length)
    expect(turn).toBeGreaterThan(10)
  })

  it('read a bulk edit that gave more leads one date than a page holds', async () => {
    const { sandbox, close, organizationId } = await start({ leads: 500 })
    const all = idsOf(sandbox.control.truth(organizationId, 'lead'))
    const date_updated = '2026-01-15T08:00:00.123456+00:00'
    sandbox.control.bulkEdit({
      type: 'lead',
      ids: all.slice(0, 300),
      changes: { description: 'bulk', date_updated },
    })
    expect(idsOf(await walk(close, 'lead'))).toEqual(all)
  })
})
