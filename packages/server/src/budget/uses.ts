import type { BudgetUse } from '@latchwork/close'
import type { Database } from '../database/database.ts'
import type { Logger } from '../logging/logger.ts'
import { hourMs, minuteMs, type UseRow, type UseStore } from './use-store.ts'

export interface BudgetUsesParts {
  readonly store: Pick<UseStore, 'add'>
  readonly database: Pick<Database, 'apart'>
  readonly clock: { now(): number }
  readonly log: Pick<Logger, 'error'>
}

type Place = Pick<UseRow, 'organization' | 'budgetKey' | 'endpointGroup' | 'consumer' | 'spanMs' | 'at'>
type Counted = { -readonly [Column in keyof UseRow]: UseRow[Column] }

/** Uses are stored at most this long after they were counted. */
const everyMs = 2_000
/** A wait that somebody notices. */
const noticedMs = 100
/** Pairs of a group and a consumer that one key has within an hour. More are counted together. */
const mostOfKey = 200
/** Counts that wait while the database is away. More are lost. */
const mostWaiting = 10_000
const longest = 100
const nothing = { requests: 0, waited: 0, putOff: 0, leastLimit: 0, mostLimit: 0, windowMs: 0 }

/** Counts in memory who uses which budget, and stores the counts now and then, so that a request costs no query. */
export class BudgetUses {
  readonly #parts: BudgetUsesParts
  #waiting = new Map<string, Counted>()
  /** Those of the present minute, by what a use says itself. */
  readonly #present = new Map<string, Counted>()
  #presentOfMs = 0
  /** By key, of the present hour. */
  readonly #pairs = new Map<string, Set<string>>()
  #pairsOfMs = 0
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: BudgetUsesParts) {
    this.#parts = parts
  }

  note(organization: string, use: BudgetUse): void {
    const nowMs = this.#parts.clock.now()
    const counted = this.#countedNow(organization, use, nowMs)
    if (counted !== null) count(counted, use)
    this.#plan(everyMs)
  }

  #countedNow(organization: string, use: BudgetUse, nowMs: number): Counted | null {
    const at = nowMs - (nowMs % minuteMs)
    if (at !== this.#presentOfMs) this.#present.clear()
    this.#presentOfMs = at
    const said = [organization, use.key, use.group, use.consumer].join('\n')
    const there = this.#present.get(said)
    if (there !== undefined) return there
    const place = { organization, budgetKey: use.key, ...this.#pairOf(organization, use, nowMs) }
    const counted = this.#counted({ ...place, spanMs: minuteMs, at })
    if (counted !== null && this.#present.size < mostWaiting) this.#present.set(said, counted)
    return counted
  }

  /** Stores all that is there now. */
  async drain(): Promise<void> {
    this.#write()
    await this.#writing
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #pairOf(organization: string, { key, group, consumer }: BudgetUse, nowMs: number) {
    const hour = nowMs - (nowMs % hourMs)
    if (hour !== this.#pairsOfMs) this.#pairs.clear()
    this.#pairsOfMs = hour
    const place = `${organization} ${key}`
    const pairs = this.#pairs.get(place) ?? new Set()
    this.#pairs.set(place, pairs)
    const name = `${group} ${consumer}`
    const isNew = !pairs.has(name)
    if (isNew && (pairs.size >= mostOfKey || group.length > longest || consumer.length > longest))
      return { endpointGroup: '', consumer: '' }
    pairs.add(name)
    return { endpointGroup: group, consumer }
  }

  /** Null: too many wait already. */
  #counted(of: Place): Counted | null {
    const id = idOf(of)
    const there = this.#waiting.get(id)
    if (there !== undefined) return there
    if (this.#waiting.size >= mostWaiting) return null
    const counted = { ...of, ...nothing }
    this.#waiting.set(id, counted)
    return counted
  }

  #plan(afterMs: number): void {
    this.#timer ??= setTimeout(() => this.#write(), afterMs).unref()
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing
      .then(() => this.#writeNow())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'who used a budget could not be stored; it waits')
        this.#plan(10 * everyMs)
      })
  }

  async #writeNow(): Promise<void> {
    const minutes = this.#waiting
    if (minutes.size === 0) return
    this.#waiting = new Map()
    this.#present.clear()
    const rows = [...minutes, ...hoursOf(minutes.values())]
    // In one order, so that processes do not wait for each other in a circle.
    const sorted = rows.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, counted]) => counted)
    try {
      await this.#parts.database.apart(() => this.#parts.store.add(sorted))
    } catch (error) {
      for (const counted of minutes.values()) {
        const there = this.#counted(placeOf(counted))
        if (there !== null) merge(there, counted)
      }
      throw error
    }
  }
}

function count(counted: Counted, use: BudgetUse): void {
  switch (use.event) {
    case 'granted':
      counted.requests += 1
      if (use.waitedMs >= noticedMs) counted.waited += 1
      break
    case 'refused':
      counted.putOff += 1
      break
    case 'answered': {
      const { limit, resetSeconds = 0, holdMs } = use.observation
      if (holdMs !== undefined) counted.putOff += 1
      if (limit === undefined || limit < 1) break
      const named = Math.floor(limit)
      merge(counted, { leastLimit: named, mostLimit: named, windowMs: Math.ceil(resetSeconds * 1_000) })
      break
    }
  }
}

function merge(into: Counted, added: Partial<UseRow>): void {
  const { requests = 0, waited = 0, putOff = 0, leastLimit = 0, mostLimit = 0, windowMs = 0 } = added
  into.requests += requests
  into.waited += waited
  into.putOff += putOff
  if (leastLimit > 0 && (into.leastLimit === 0 || leastLimit < into.leastLimit)) into.leastLimit = leastLimit
  into.mostLimit = Math.max(into.mostLimit, mostLimit)
  into.windowMs = Math.max(into.windowMs, windowMs)
}

function hoursOf(minutes: Iterable<Counted>): Map<string, Counted> {
  const hours = new Map<string, Counted>()
  for (const minute of minutes) {
    const place = { ...placeOf(minute), spanMs: hourMs, at: minute.at - (minute.at % hourMs) }
    const hour = hours.get(idOf(place)) ?? { ...place, ...nothing }
    hours.set(idOf(place), hour)
    merge(hour, minute)
  }
  return hours
}

function placeOf({ organization, budgetKey, endpointGroup, consumer, spanMs, at }: UseRow): Place {
  return { organization, budgetKey, endpointGroup, consumer, spanMs, at }
}

function idOf({ organization, budgetKey, endpointGroup, consumer, spanMs, at }: Place): string {
  return `${organization} ${budgetKey} ${spanMs} ${at} ${endpointGroup} ${consumer}`
}
