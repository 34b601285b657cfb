import { createHash } from 'node:crypto'
import { LatchworkError, type PassSmartView, parseExactly } from '@latchwork/contract'
import { jsonMember } from '../rules/json-member.ts'
import type { Admitted } from './admission.ts'
import type { HeldAnswer } from './held-call.ts'
import type { Sender } from './sending.ts'

/**
 * What Close says of a view, and of a lead in it, is asked again after this time. A lead that leaves the view is hidden
 * after twice that at most, and what Close's search itself lags behind.
 */
const viewFreshMs = 5_000
/** Leads in one question. */
const mostAsked = 100
/** Views, and leads of all views, remembered at once. */
const mostViews = 1_000
const mostLeads = 50_000

interface Remembered<T> {
  readonly atMs: number
  readonly value: T
}

interface ViewQuery {
  readonly query: object
  /** Tells it from what the view was before. */
  readonly digest: string
}

export interface LeadViewParts {
  readonly sender: Pick<Sender, 'ask'>
  readonly clock: { now(): number }
}

/** Which leads the smart views of passes show, by Close's own search. */
export class LeadViews {
  readonly #parts: LeadViewParts
  readonly #queries = new Map<string, Remembered<Promise<ViewQuery>>>()
  readonly #seen = new Map<string, Remembered<boolean>>()

  constructor(parts: LeadViewParts) {
    this.#parts = parts
  }

  /**
   * The query of a view, as Close has it now.
   * @throws {LatchworkError} `smart_view_unreadable`, and as `Sender.ask`
   */
  async queryOf(admitted: Admitted, view: PassSmartView, signal: AbortSignal): Promise<object> {
    return (await this.#view(admitted, view, signal)).query
  }

  async #view(admitted: Admitted, view: PassSmartView, signal: AbortSignal): Promise<ViewQuery> {
    const key = keyOf(admitted, view)
    const known = this.#fresh(this.#queries, key)
    if (known !== undefined) {
      // The client that asked first may have left.
      const there = await known.catch(() => null)
      if (there !== null) return there
    }
    const reading = this.#read(admitted, view, signal)
    this.#remember(this.#queries, key, reading, mostViews)
    reading.catch(() => {
      if (this.#queries.get(key)?.value === reading) this.#queries.delete(key)
    })
    return reading
  }

  /**
   * Which of these leads the view shows.
   * @throws {LatchworkError} as `queryOf`
   */
  async seen(
    admitted: Admitted,
    view: PassSmartView,
    leads: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const { query, digest } = await this.#view(admitted, view, signal)
    const prefix = `${keyOf(admitted, view)} ${digest} `
    const unknown: string[] = []
    const shown = new Set<string>()
    for (const lead of new Set(leads)) {
      const known = this.#fresh(this.#seen, prefix + lead)
      if (known === undefined) unknown.push(lead)
      else if (known) shown.add(lead)
    }
    for (let from = 0; from < unknown.length; from += mostAsked) {
      const asked = unknown.slice(from, from + mostAsked)
      const found = await this.#among(admitted, query, asked, signal)
      for (const lead of asked) {
        this.#remember(this.#seen, prefix + lead, found.has(lead), mostLeads)
        if (found.has(lead)) shown.add(lead)
      }
    }
    return shown
  }

  /**
   * The lead that a record belongs to; null: there is no such record, or it belongs to none.
   * @param url of the record, or of a list with nothing else, below `/api/v1`
   * @throws {LatchworkError} as `Sender.ask`
   */
  async leadOf(admitted: Admitted, url: string, signal: AbortSignal): Promise<string | null> {
    const answer = await this.#parts.sender.ask(admitted, { method: 'GET', url }, signal)
    if (answer.status === 404 || answer.status === 400) return null
    const json = jsonOf(answer)
    const data = jsonMember(json, 'data')
    const record: unknown = Array.isArray(data) ? (data.length === 1 ? data[0] : null) : json
    const lead = jsonMember(record, 'lead_id')
    return typeof lead === 'string' ? lead : null
  }

  async #read(admitted: Admitted, { id, name = id }: PassSmartView, signal: AbortSignal): Promise<ViewQuery> {
    const url = `/saved_search/${id}/`
    const answer = await this.#parts.sender.ask(admitted, { method: 'GET', url }, signal)
    const unreadable = (why: string) =>
      new LatchworkError('smart_view_unreadable', {
        message: `This pass sees only the leads of the smart view “${name}”, ${why}. Ask the owner of the pass to choose another one.`,
      })
    if (answer.status === 404) throw unreadable('which Close does not have any more')
    const view = jsonOf(answer)
    const search = jsonMember(view, 's_query')
    const query = jsonMember(search, 'query')
    if (jsonMember(view, 'type') !== 'lead' || typeof query !== 'object' || query === null)
      throw unreadable('which has no conditions for leads')
    // The first so many, in some order: a search can't tell of one lead whether it is among them.
    if ((jsonMember(search, 'results_limit') ?? null) !== null)
      throw unreadable(
        'which is limited to a number of leads, so that nobody can tell which of them it shows',
      )
    return { query, digest: createHash('sha256').update(JSON.stringify(query)).digest('base64url') }
  }

  async #among(
    admitted: Admitted,
    query: object,
    leads: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const ids = { type: 'or', queries: leads.map((value) => ({ type: 'id', value })) }
    const body = {
      query: { type: 'and', queries: [{ type: 'object_type', object_type: 'lead' }, query, ids] },
      _fields: { lead: ['id'] },
      _limit: mostAsked,
    }
    const asked = { method: 'POST', url: '/data/search/', body }
    const rows = jsonMember(jsonOf(await this.#parts.sender.ask(admitted, asked, signal)), 'data')
    if (!Array.isArray(rows)) throw new LatchworkError('smart_view_unreadable')
    const found = rows.map((row: unknown) => jsonMember(row, 'id'))
    return new Set(leads.filter((lead) => found.includes(lead)))
  }

  #fresh<T>(map: Map<string, Remembered<T>>, key: string): T | undefined {
    const known = map.get(key)
    const now = this.#parts.clock.now()
    return known !== undefined && now >= known.atMs && now - known.atMs < viewFreshMs
      ? known.value
      : undefined
  }

  #remember<T>(map: Map<string, Remembered<T>>, key: string, value: T, most: number): void {
    map.delete(key)
    map.set(key, { atMs: this.#parts.clock.now(), value })
    const [oldest] = map.keys()
    if (map.size > most && oldest !== undefined) map.delete(oldest)
  }
}

/** Another secret may be of another account. */
function keyOf({ credential }: Admitted, { id }: PassSmartView): string {
  return `${credential.id} ${credential.secretVersion} ${id}`
}

/** @throws {LatchworkError} `upstream_limit`, `smart_view_unreadable` */
function jsonOf({ status, headers, body, extent }: HeldAnswer): unknown {
  if (status === 429) {
    const seconds = Number(headers['retry-after'])
    throw new LatchworkError('upstream_limit', { retryAfterSeconds: seconds > 0 ? Math.ceil(seconds) : 1 })
  }
  const unreadable = new LatchworkError('smart_view_unreadable', {
    message:
      'This pass sees only the leads of a smart view, and Close did not say which these are. Try again in a moment.',
    retryAfterSeconds: 5,
  })
  if (status !== 200 || extent !== 'whole') throw unreadable
  try {
    return parseExactly(body.toString())
  } catch {
    throw unreadable
  }
}
