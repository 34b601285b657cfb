import { naiveTimestamp } from '../clock.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { Random } from '../random.ts'
import { NEWER_LENGTH } from '../record-ids.ts'

/** Who caused a change, and by which request. */
export interface Actor {
  readonly userId: string | null
  readonly apiKeyId: string | null
  readonly oauthClientId: string | null
  readonly method: string
  readonly path: string
  readonly requestId: string | null
}

export type EventAction = 'created' | 'updated' | 'deleted' | 'merged' | 'activated' | 'deactivated'

/** One change of one object, before it is an event. */
export interface Happening {
  readonly action: EventAction
  readonly objectType: string
  readonly objectId: string
  readonly leadId: string | null
  readonly data: JsonObject | null
  readonly previous: JsonObject
  readonly meta?: JsonObject
}

interface LoggedEvent {
  readonly updatedMs: number
  readonly record: JsonObject
}

const RETENTION_MS = 30 * 86_400_000
const CONSOLIDATION_MS = 10_000

/**
 * The events of one organization in the last 30 days, oldest first by `date_updated`. Updates of one object by one user
 * within ten seconds become one event, as Close does.
 */
export class EventLog {
  /** By event id. A map has the order of insertion, so an event that is put in again is the newest. */
  readonly #events = new Map<string, LoggedEvent>()
  /** The id of each object's latest event. */
  readonly #latest = new Map<string, string>()
  readonly #seed: string
  #number = 0
  #newestMs = 0
  #isInOrder = true
  /** How long after it happened an event can be read; milliseconds. */
  lagMs = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  record(organizationId: string, happening: Happening, actor: Actor, nowMs: number): void {
    const { data, previous } = happening
    const changed = Object.keys(previous)
    const merged =
      happening.action === 'updated' ? this.#takeConsolidated(happening, actor, nowMs) : undefined
    const previous_data = { ...previous, ...(merged ? objectIn(merged, 'previous_data') : {}) }
    const id = (merged && textOf(merged, 'id')) ?? `ev_${this.#newId()}`
    const date_created = merged ? textOf(merged, 'date_created') : naiveTimestamp(nowMs)
    // A clock that was set back makes a later event older than an earlier one.
    if (nowMs < this.#newestMs) this.#isInOrder = false
    this.#newestMs = Math.max(this.#newestMs, nowMs)
    this.#latest.set(happening.objectId, id)
    this.#events.set(id, {
      updatedMs: nowMs,
      record: {
        id,
        date_created,
        date_updated: naiveTimestamp(nowMs),
        organization_id: organizationId,
        user_id: actor.userId,
        request_id: actor.requestId,
        api_key_id: actor.apiKeyId,
        oauth_client_id: actor.oauthClientId,
        object_type: happening.objectType,
        object_id: happening.objectId,
        lead_id: happening.leadId,
        action: happening.action,
        changed_fields:
          happening.action === 'updated'
            ? [...new Set([...changed, ...Object.keys(previous_data)])].sort()
            : [],
        data,
        previous_data,
        meta: { request_method: actor.method, request_path: actor.path, ...happening.meta },
      },
    })
  }

  /** The events of the last 30 days that can be read by now, oldest first. */
  recent(nowMs: number): readonly JsonObject[] {
    for (const [id, event] of this.#events) {
      if (event.updatedMs >= nowMs - RETENTION_MS) {
        if (this.#isInOrder) break
        continue
      }
      this.#events.delete(id)
    }
    const events = [...this.#events.values()]
    if (!this.#isInOrder) events.sort((left, right) => left.updatedMs - right.updatedMs)
    return events
      .filter(({ updatedMs }) => updatedMs > nowMs || updatedMs <= nowMs - this.lagMs)
      .map(({ record }) => record)
  }

  /** Removes and returns the object's latest event if an update can be merged into it. */
  #takeConsolidated(happening: Happening, actor: Actor, nowMs: number): JsonObject | undefined {
    const id = this.#latest.get(happening.objectId) ?? ''
    const event = this.#events.get(id)
    if (!event || event.updatedMs < nowMs - CONSOLIDATION_MS) return undefined
    if (event.record['action'] !== 'updated' || event.record['user_id'] !== actor.userId) return undefined
    this.#events.delete(id)
    return event.record
  }

  #newId(): string {
    this.#number += 1
    return new Random(this.#seed, 'event', this.#number).base62(NEWER_LENGTH)
  }
}

function objectIn(record: JsonObject, field: string): JsonObject {
  const value = record[field]
  return isObject(value) ? value : {}
}
