import type { Sandbox } from 'close-sandbox'

const children = ['contact', 'opportunity', 'task', 'activity.note', 'activity.call', 'activity.sms'] as const
/** Fewer leads than this are not deleted or merged. */
const fewest = 8

/** Repeatable numbers: the same seed gives the same (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 up to, not including, `below`. */
  whole(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  /** @throws Error if there is nothing to choose */
  pick<T>(all: readonly T[]): T {
    const [chosen] = all.slice(this.whole(all.length))
    if (chosen === undefined) throw new Error('there is nothing to choose')
    return chosen
  }
}

/** People at work in Close: after each page that somebody reads they edit, insert, delete and merge. */
export class Meddling {
  readonly #control: Sandbox['control']
  readonly #dice: Dice
  /** Of each type. Some may be gone: they went with their lead. */
  readonly #ids = new Map<string, string[]>()
  #shiftMs = 0
  #number = 0

  constructor({ control, organizations }: Sandbox, dice: Dice) {
    this.#control = control
    this.#dice = dice
    for (const type of ['lead', ...children]) {
      const records = control.truth(organizations[0]?.id ?? '', type)
      this.#ids.set(
        type,
        records.map(({ id }) => String(id)),
      )
    }
  }

  step(): void {
    this.#edit()
    this.#insert()
    this.#remove()
    this.#merge()
    this.#setClock()
  }

  #edit(): void {
    const type = this.#dice.pick(['lead', ...children])
    const changes = this.#words()
    if (this.#dice.whole(12) > 0) {
      this.#withSome(type, (id) => void this.#control.edit({ type, id, changes }))
      return
    }
    // More at the same moment than fit on a page.
    const date_updated = new Date(this.#control.now()).toISOString()
    const ids = this.#idsOf(type).slice(0, this.#dice.whole(260) + 1)
    for (const id of ids) {
      attempt(() => this.#control.edit({ type, id, changes: { ...changes, date_updated } }))
    }
  }

  #insert(): void {
    // Some leads, for those that are merged.
    if (this.#dice.whole(2) === 0) this.#add('lead', this.#words())
    const type = this.#dice.pick(children)
    this.#withSome('lead', (id) => void this.#add(type, { ...this.#words(), lead_id: this.#living(id) }))
  }

  #remove(): void {
    const type = this.#dice.pick(['lead', ...children])
    if (this.#idsOf(type).length < fewest) return
    this.#withSome(type, (id) => {
      this.#control.remove({ type, id })
      // Somebody changes their mind.
      if (type !== 'contact' || this.#dice.whole(3) > 0) return
      this.#withSome(
        'lead',
        (lead) => void this.#add(type, { ...this.#words(), id, lead_id: this.#living(lead) }),
      )
    })
  }

  #merge(): void {
    if (this.#idsOf('lead').length < fewest) return
    this.#withSome('lead', (source) => {
      this.#withSome('lead', (destination) => {
        if (source === destination) return
        this.#control.merge({ source, destination, keepDates: this.#dice.whole(2) === 0 })
      })
    })
  }

  /** A while passes. Sometimes Close's clock is set forward or back, by up to 100 seconds in all. */
  #setClock(): void {
    this.#control.advanceClock(this.#dice.whole(40) * 1000)
    if (this.#dice.whole(8) > 0) return
    const shiftMs = (this.#dice.whole(201) - 100) * 1000
    this.#control.advanceClock(shiftMs - this.#shiftMs)
    this.#shiftMs = shiftMs
  }

  #idsOf(type: string): string[] {
    return this.#ids.get(type) ?? []
  }

  #add(type: string, record: Readonly<Record<string, string>>): string {
    const id = String(this.#control.insert({ type, record })['id'])
    this.#idsOf(type).push(id)
    return id
  }

  /** The lead, if it exists. @throws Error if it does not */
  #living(lead: string): string {
    this.#control.edit({ type: 'lead', id: lead, changes: {} })
    return lead
  }

  /** Does it with one that exists, if one is met soon. */
  #withSome(type: string, work: (id: string) => void): void {
    const ids = this.#idsOf(type)
    for (let tries = 0; tries < 5 && ids.length > 0; tries += 1) {
      const at = this.#dice.whole(ids.length)
      const id = ids[at]
      if (id !== undefined && attempt(() => work(id))) return
      ids.splice(at, 1)
    }
  }

  #words(): Readonly<Record<string, string>> {
    this.#number += 1
    const words = `Words ${this.#number}`
    return { name: words, title: words, note: words, text: words, description: words }
  }
}

/** Whether it was done: the sandbox refuses to change what is gone. */
function attempt(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}
