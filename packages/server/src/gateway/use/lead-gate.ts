import { LatchworkError } from '@latchwork/contract'
import type { Seeing } from '../proxy/sieve.ts'
import type { Target } from '../proxy/target.ts'
import { type LeadCheck, searchedType, searchWithin } from '../rules/lead-limit.ts'
import type { NamedRecords } from '../rules/lead-names.ts'
import type { Admitted } from './admission.ts'
import type { LeadViews } from './lead-views.ts'

/** Lets a call of a pass that sees only some leads do what concerns these. */
export class LeadGate {
  readonly #views: LeadViews
  readonly #admitted: Admitted
  readonly #check: LeadCheck
  readonly #signal: AbortSignal
  #member: LeadCheck['answers']

  /** @param signal aborted when the client leaves */
  constructor(views: LeadViews, admitted: Admitted, check: LeadCheck, signal: AbortSignal) {
    this.#views = views
    this.#admitted = admitted
    this.#check = check
    this.#signal = signal
    this.#member = check.answers
  }

  /**
   * Requires that the pass may see what the address of the call names, or its body. A view that can't be read is an error
   * whatever is named.
   * @throws {LatchworkError} `lead_unseen`, and as `LeadViews`
   */
  async require({ leads, records }: NamedRecords = this.#check.named): Promise<void> {
    await this.#views.queryOf(this.#admitted, this.#check.view, this.#signal)
    const owners = await Promise.all(
      records.map((url) => this.#views.leadOf(this.#admitted, url, this.#signal)),
    )
    const all = [...leads, ...owners]
    const shown = all.length === 0 ? new Set() : await this.#seen(all.filter((lead) => lead !== null))
    if (!all.every((lead) => lead !== null && shown.has(lead))) throw new LatchworkError('lead_unseen')
  }

  /**
   * The search that is sent: among the leads of the view.
   * @param body one that the rules allow
   */
  async searchOf(body: object): Promise<object> {
    const type = searchedType(Reflect.get(body, 'query'))
    if (type === null) throw new LatchworkError('pass_denied')
    this.#member = type === 'lead' ? 'id' : 'lead_id'
    return searchWithin(body, type, await this.#views.queryOf(this.#admitted, this.#check.view, this.#signal))
  }

  /** Asks for the member by which the answer is looked through, where only some are asked for. */
  targetOf(target: Target): Target {
    const query = new URLSearchParams(target.query)
    const fields = query.getAll('_fields').flatMap((each) => each.split(','))
    if (this.#member === null || fields.every((each) => each.trim() === '')) return target
    query.set(
      '_fields',
      [...new Set([...fields, 'id', this.#member])].filter((each) => each !== '').join(','),
    )
    return { ...target, query: query.toString() }
  }

  /** Which records of the answer are let through; null: all that it may hold has been required. */
  get seeing(): Seeing | null {
    const member = this.#member
    return member === null ? null : { member, seen: (leads) => this.#seen(leads) }
  }

  #seen(leads: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#views.seen(this.#admitted, this.#check.view, leads, this.#signal)
  }
}
