import {
  type CloseClient,
  type CloseError,
  type CloseEvent,
  closeTimestamp,
  type EventQuery,
  isCloseError,
  paginateEvents,
} from '@latchwork/close'

/** Whose deletion leaves no event: they go with their lead, silently. @see https://developer.close.com/resources/event-log/ */
const withoutEvents: ReadonlySet<string> = new Set(['activity.created', 'activity.import_update'])

/** @see https://developer.close.com/api/resources/tasks */
export const taskTypes = [
  ...['lead', 'incoming_email', 'email_followup', 'missed_call', 'answered_detached_call'],
  ...['voicemail', 'opportunity_due', 'incoming_sms', 'outgoing_call'],
] as const

/** What the event log calls the records of a kind of search; nothing where it has no events of them. */
function eventTypesOf(searchType: string): readonly string[] {
  if (searchType === 'task') return taskTypes.map((type) => `task.${type}`)
  return hasEvents(searchType) ? [searchType] : []
}

export function hasEvents(searchType: string): boolean {
  return !withoutEvents.has(searchType)
}

/** So many events are few: four pages. */
const fewEvents = 200

/** A lead that went into another one. */
export interface Merge {
  readonly source: string
  readonly destination: string
}

/** Close's log of the last 30 days, as far as this credential may read it. */
export class CloseEvents {
  readonly #client: Pick<CloseClient, 'events'>
  readonly #options: { readonly signal: AbortSignal; readonly priority: 'backfill' }
  /** Why a part of it was not read; null where all of it was. */
  unread: CloseError | null = null
  /** All events since a moment, by the moment; null where they are many. */
  readonly #recent = new Map<number, Promise<readonly CloseEvent[] | null>>()

  constructor(client: Pick<CloseClient, 'events'>, signal: AbortSignal) {
    this.#client = client
    this.#options = { signal, priority: 'backfill' }
  }

  /** Asks for its newest event, so that it is known whether it may be read, and what time it is at Close. */
  async knock(): Promise<void> {
    for await (const _ of this.#read({ _limit: 1 })) return
  }

  /** Leads that were merged since a moment (ms). */
  async merges(sinceMs: number): Promise<Merge[]> {
    const merges: Merge[] = []
    for await (const { object_id, meta = {} } of this.#since(sinceMs, 'lead', 'merged')) {
      const destination = meta['merge_destination_lead_id']
      const source = meta['merge_source_lead_id'] ?? object_id
      if (typeof destination === 'string' && typeof source === 'string') merges.push({ source, destination })
    }
    return merges
  }

  /**
   * Deletions of a kind since a moment (ms), at most so many at a time. What was deleted may exist again, and may have
   * been deleted more than once.
   */
  deletions(
    searchType: string,
    sinceMs: number,
    most: number,
  ): AsyncGenerator<CloseEvent[], void, undefined> {
    return this.#ofKind(searchType, 'deleted', sinceMs, most)
  }

  /** As `deletions`, what was created, or made again after it was deleted. */
  creations(
    searchType: string,
    sinceMs: number,
    most: number,
  ): AsyncGenerator<CloseEvent[], void, undefined> {
    return this.#ofKind(searchType, 'created', sinceMs, most)
  }

  async *#ofKind(
    searchType: string,
    action: string,
    sinceMs: number,
    most: number,
  ): AsyncGenerator<CloseEvent[], void, undefined> {
    let found: CloseEvent[] = []
    for (const type of eventTypesOf(searchType)) {
      for await (const event of this.#since(sinceMs, type, action)) {
        found.push(event)
        if (found.length < most) continue
        yield found
        found = []
      }
    }
    if (found.length > 0) yield found
  }

  async *#since(sinceMs: number, object_type: string, action: string): AsyncGenerator<CloseEvent> {
    const recent = this.#recent.get(sinceMs) ?? this.#few(sinceMs)
    this.#recent.set(sinceMs, recent)
    const all = await recent
    if (all === null) yield* this.#read({ object_type, action, date_updated__gte: closeTimestamp(sinceMs) })
    else yield* all.filter((event) => event.object_type === object_type && event.action === action)
  }

  /** All kinds at once, where a few pages hold them: each kind by itself is a request even where it has none. */
  async #few(sinceMs: number): Promise<readonly CloseEvent[] | null> {
    if (this.#isRefused()) return null
    const found: CloseEvent[] = []
    const query = { date_updated__gte: closeTimestamp(sinceMs) }
    try {
      for await (const event of paginateEvents(this.#client.events, query, this.#options)) {
        if (found.length === fewEvents) return null
        found.push(event)
      }
      return found
    } catch (error) {
      // Close documents this filter beside others only.
      if (isRefusal(error)) return null
      throw error
    }
  }

  /** What is refused as a whole is not asked for again and again. `invalid` is one type that Close does not know. */
  #isRefused(): boolean {
    return this.unread !== null && this.unread.code !== 'invalid'
  }

  async *#read(query: EventQuery): AsyncGenerator<CloseEvent, void, undefined> {
    if (this.#isRefused()) return
    let isBegun = false
    try {
      for await (const event of paginateEvents(this.#client.events, query, this.#options)) {
        isBegun = true
        yield event
      }
    } catch (error) {
      if (!isRefusal(error) || isBegun) throw error
      this.unread = error
    }
  }
}

/** By the rights of the credential, its plan, or the form of the question. */
function isRefusal(error: unknown): error is CloseError {
  return isCloseError(error) && ['forbidden', 'plan_limit', 'invalid'].includes(error.code)
}
