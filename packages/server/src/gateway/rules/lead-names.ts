/* What a body says that its records belong to, or are about. */

/** Leads, by id; and other records, by the path under which Close has them. */
export interface NamedRecords {
  readonly leads: readonly string[]
  readonly records: readonly string[]
}

const mostLeads = 100
/** Each is a request. */
const mostRecords = 10
const maxDepth = 30

/** Members whose values are leads, whatever they look like. */
const leadMembers = ['lead_id', 'lead_ids'] as const
/** Members whose values are contacts. */
const contactMembers: ReadonlySet<string> = new Set(['contact_id', 'contact_ids'])

/** Where Close has the records of other ids, by how an id begins. */
const pathsByPrefix: Readonly<Record<string, (id: string) => string>> = {
  cont: (id) => `/contact/${id}/`,
  oppo: (id) => `/opportunity/${id}/`,
  task: (id) => `/task/${id}/`,
  acti: (id) => `/activity/?id__in=${id}`,
}

/** Collects the leads and the records that belong to leads which a body names, wherever in it. */
export class LeadNames {
  readonly #leadMembers: ReadonlySet<string>
  readonly #leads = new Set<string>()
  readonly #records = new Set<string>()

  /** @param further members whose values are leads */
  constructor(further: readonly string[] = []) {
    this.#leadMembers = new Set([...leadMembers, ...further])
  }

  found(): NamedRecords {
    return { leads: [...this.#leads], records: [...this.#records] }
  }

  /** @returns why it can't be decided, in words; null: it is taken */
  take(body: unknown): string | null {
    const fault = this.#value(body, null, 0)
    if (fault !== null) return fault
    const isTooMuch = this.#leads.size > mostLeads || this.#records.size > mostRecords
    return isTooMuch ? `more than ${mostLeads} leads or ${mostRecords} other records at once` : null
  }

  #value(value: unknown, name: string | null, depth: number): string | null {
    if (depth > maxDepth) return 'a body that is nested too deeply'
    if (typeof value === 'string') return this.#text(value, name)
    if (typeof value !== 'object' || value === null) return null
    if (Array.isArray(value)) {
      for (const each of value) {
        const fault = this.#value(each, name, depth + 1)
        if (fault !== null) return fault
      }
      return null
    }
    for (const [inner, each] of Object.entries(value)) {
      const fault = this.#value(each, inner, depth + 1)
      if (fault !== null) return fault
    }
    return null
  }

  /** A text is the name of a record only as a whole, or in a list of them. */
  #text(text: string, name: string | null): string | null {
    const isLead = name !== null && this.#leadMembers.has(name)
    const isContact = name !== null && contactMembers.has(name)
    if (text.length > 10_000 && !isLead && !isContact) return null
    for (const id of text.split(',').map((each) => each.trim())) {
      const [, prefix = ''] = /^([a-z]+)_[\w-]{1,90}$/.exec(id) ?? []
      if (prefix === 'lead' || (isLead && id !== '')) {
        if (!isPlainId(id)) return 'a lead that we do not understand'
        this.#leads.add(id)
        continue
      }
      const path = isContact
        ? pathsByPrefix['cont']
        : Object.hasOwn(pathsByPrefix, prefix)
          ? pathsByPrefix[prefix]
          : undefined
      if (path === undefined || id === '') continue
      if (!isPlainId(id)) return 'a contact that we do not understand'
      this.#records.add(path(id))
    }
    return null
  }
}

/** Whether a text can be an id of Close, and nothing else. */
export function isPlainId(id: string): boolean {
  return /^[\w-]{1,100}$/.test(id)
}
