import type { TimestampSpelling } from '../clock.ts'
import type { LoggedRequest } from '../http/request-log.ts'
import type { JsonObject } from '../json.ts'
import type { RateLimitOptions } from '../limits/rate-limits.ts'
import type { Refusal } from '../limits/refusals.ts'
import type { World } from '../world.ts'
import { AccountControl } from './account-control.ts'
import type { Fault, FaultOptions } from './faults.ts'
import { type Mutation, RecordControl, type RecordReference } from './records.ts'

/** Changes between the pages of a list. */
export interface ListPageOptions {
  readonly path: string
  readonly method?: string
  readonly afterPages: number
  readonly repeat?: boolean
  readonly do: readonly Mutation[] | (() => void)
}

/**
 * Everything that a test may do to the sandbox without the client's knowledge. Every method takes effect with the next
 * request.
 */
export class SandboxControl extends AccountControl {
  readonly #world: World
  readonly #records: RecordControl

  constructor(world: World) {
    super(world)
    this.#world = world
    this.#records = new RecordControl(world)
  }

  /** The requests received since the start or the last `clearRequests`. */
  requests(): readonly LoggedRequest[] {
    return this.#world.log.all()
  }

  clearRequests(): void {
    this.#world.log.clear()
  }

  /** Every record of that type as the API would show it now, in no particular order. */
  truth(organizationId: string, type: string): JsonObject[] {
    return this.#records.truth(organizationId, type)
  }

  /** How many records of that type there are. Unlike `truth` it takes no time. */
  count(organizationId: string, type: string): number {
    return this.#records.count(organizationId, type)
  }

  /** Adds a fault for the next matching requests. */
  addFault(options: FaultOptions): Fault {
    return this.#world.faults.add(options)
  }

  pendingFaults(): readonly Fault[] {
    return this.#world.faults.pending()
  }

  clearFaults(): void {
    this.#world.faults.clear()
  }

  /** The sandbox's time, in milliseconds. */
  now(): number {
    return this.#world.clock.now()
  }

  /** Moves the clock forward: tokens, codes, cursors and rate limit windows age. */
  advanceClock(milliseconds: number): void {
    this.#world.clock.advance(milliseconds)
  }

  /** How long every API and token request waits before it is handled. Requests wait in parallel. */
  setLatency(milliseconds: number): void {
    this.#world.latencyMs = milliseconds
  }

  /** How long after it happened an event can be read from the log. */
  setEventLag(milliseconds: number): void {
    for (const { events } of this.#world.organizations.values()) events.lagMs = milliseconds
  }

  /** How answers write dates and times, whatever Close documents for the resource. */
  setTimestamps(spelling: TimestampSpelling): void {
    this.#world.timestamps = spelling
  }

  /** Refuses a part of the API by 402 or 403 from now on, as a plan or a role does. */
  refuse(refusal: Refusal): void {
    this.#world.refusals.add(refusal)
  }

  clearRefusals(): void {
    this.#world.refusals.clear()
  }

  /** Replaces the rate limits; null: none. */
  setRateLimit(options: RateLimitOptions | null): void {
    this.#world.limits.configure(options)
  }

  /** Adds a record. Missing fields get the defaults of an entry by a person. */
  insert(options: Parameters<RecordControl['insert']>[0]): JsonObject {
    return this.#records.insert(options)
  }

  /** Changes fields of a record; `date_updated` becomes now unless it is among the changes. */
  edit(reference: RecordReference & { readonly changes: JsonObject }): JsonObject {
    return this.#records.edit(reference)
  }

  /** Changes many records at once: all get the same `date_updated`, as in a bulk edit. */
  bulkEdit(options: Parameters<RecordControl['bulkEdit']>[0]): void {
    this.#records.bulkEdit(options)
  }

  /** Deletes a record, a lead with all its children. */
  remove(reference: RecordReference): void {
    this.#records.remove(reference)
  }

  /** Moves everything of one lead to another and deletes the first, at once. */
  merge(options: Parameters<RecordControl['merge']>[0]): void {
    this.#records.merge(options)
  }

  /** Keeps a record out of searches for that long, as an index that is behind does. */
  keepFromSearch(options: Parameters<RecordControl['keepFromSearch']>[0]): void {
    this.#records.keepFromSearch(options)
  }

  mutate(mutation: Mutation): void {
    this.#records.mutate(mutation)
  }

  /** Changes records after so many pages of a list have been read. */
  onListPage(options: ListPageOptions): void {
    const { do: changes, ...script } = options
    const run =
      typeof changes === 'function'
        ? changes
        : () => {
            for (const change of changes) this.mutate(change)
          }
    this.#world.listPageScripts.add({ ...script, run })
  }

  clearListPageScripts(): void {
    this.#world.listPageScripts.clear()
  }
}
