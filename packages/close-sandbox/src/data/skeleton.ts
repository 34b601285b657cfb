import { Random } from '../random.ts'

/** The `_type` of every activity; a row keeps its number in this list. */
export const ACTIVITY_KINDS = [
  'Created',
  'Note',
  'Call',
  'Email',
  'EmailThread',
  'SMS',
  'WhatsAppMessage',
  'Meeting',
  'LeadStatusChange',
  'OpportunityStatusChange',
  'TaskCompleted',
  'LeadMerge',
  'FormSubmission',
  'CustomActivity',
  'ImportUpdate',
] as const

export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

/** The `_type` of seeded tasks. */
export const SEEDED_TASK_KINDS = ['lead', 'missed_call', 'outgoing_call'] as const

export type SeededTaskKind = (typeof SEEDED_TASK_KINDS)[number]

/** The children of one type: numbers per row, rows of one lead next to each other. */
export interface ChildRows<Kind extends string> {
  readonly owner: Uint32Array
  /** First row of each lead, and one more: the number of rows. */
  readonly first: Uint32Array
  readonly created: number[]
  readonly updated: number[]
  readonly kinds: readonly Kind[]
}

/** Which records exist, and when they were made and changed: all that paging needs. */
export interface Skeleton {
  readonly leads: { readonly created: number[]; readonly updated: number[] }
  readonly contacts: ChildRows<'contact'>
  readonly opportunities: ChildRows<'opportunity'>
  readonly tasks: ChildRows<SeededTaskKind>
  readonly activities: ChildRows<ActivityKind>
  readonly customObjects: ChildRows<'custom_object'>
}

/** How much to make, and in which span of time (milliseconds). */
export interface SkeletonOptions {
  readonly seed: string
  readonly leads: number
  readonly fromMs: number
  readonly untilMs: number
}

const BULK_EDIT_SHARE = 0.08
const LEADS_PER_BULK_EDIT = 300
const IMPORT_EVERY = 1_500
const IMPORT_SIZE = 60

/**
 * Decides the numbers of an organization's records. Some leads share one `date_created` (an import)
 * and some one `date_updated` (a bulk edit), as in real organizations. The first lead has at least
 * one of everything.
 */
export function buildSkeleton(options: SkeletonOptions): Skeleton {
  const { seed, leads, fromMs, untilMs } = options
  const created: number[] = []
  const updated: number[] = []
  const contacts = new RowsBuilder<'contact'>(leads)
  const opportunities = new RowsBuilder<'opportunity'>(leads)
  const tasks = new RowsBuilder<SeededTaskKind>(leads)
  const activities = new RowsBuilder<ActivityKind>(leads)
  const customObjects = new RowsBuilder<'custom_object'>(leads)
  const bulkEdits = Math.max(1, Math.round((leads * BULK_EDIT_SHARE) / LEADS_PER_BULK_EDIT))
  const spanMs = untilMs - fromMs

  for (let lead = 0; lead < leads; lead += 1) {
    const random = new Random(seed, 'skeleton', lead)
    const imported = lead % IMPORT_EVERY >= 10 && lead % IMPORT_EVERY < 10 + IMPORT_SIZE
    const place = imported ? lead - (lead % IMPORT_EVERY) + 10 : lead + random.next()
    const createdMs = Math.floor(fromMs + (place / leads) * spanMs)
    const later = (afterMs: number): number => Math.floor(afterMs + random.next() ** 2 * (untilMs - afterMs))
    const changed = (afterMs: number): number => (random.chance(0.4) ? later(afterMs) : afterMs)
    created.push(createdMs)
    const bulkEditMs = Math.floor(untilMs - (random.whole(1, bulkEdits) / (bulkEdits + 1)) * spanMs * 0.25)
    const inBulkEdit = random.chance(BULK_EDIT_SHARE) && bulkEditMs > createdMs
    updated.push(inBulkEdit ? bulkEditMs : random.chance(0.85) ? later(createdMs) : createdMs)

    const complete = lead === 0
    const contactCount = complete ? 2 : random.pick([0, 1, 1, 1, 1, 2, 2, 3])
    for (let at = 0; at < contactCount; at += 1) {
      const childMs = at === 0 ? createdMs : later(createdMs)
      contacts.add('contact', childMs, changed(childMs))
    }
    const opportunityCount = complete ? 3 : random.pick([0, 0, 0, 1, 1, 2])
    for (let at = 0; at < opportunityCount; at += 1) {
      const childMs = later(createdMs)
      opportunities.add('opportunity', childMs, changed(childMs))
    }
    const taskKinds = complete ? SEEDED_TASK_KINDS : randomTasks(random)
    for (const kind of taskKinds) {
      const childMs = later(createdMs)
      tasks.add(kind, childMs, changed(childMs))
    }
    activities.add('Created', createdMs, createdMs)
    for (const kind of complete
      ? ACTIVITY_KINDS.slice(1)
      : randomActivities(random, opportunityCount, taskKinds.length)) {
      const childMs = later(createdMs)
      activities.add(kind, childMs, changed(childMs))
    }
    const objectCount = complete ? 2 : random.pick([0, 0, 0, 1, 1, 2])
    for (let at = 0; at < objectCount; at += 1) {
      const childMs = later(createdMs)
      customObjects.add('custom_object', childMs, changed(childMs))
    }
    for (const rows of [contacts, opportunities, tasks, activities, customObjects]) rows.endLead()
  }
  return {
    leads: { created, updated },
    contacts: contacts.build(),
    opportunities: opportunities.build(),
    tasks: tasks.build(),
    activities: activities.build(),
    customObjects: customObjects.build(),
  }
}

function randomTasks(random: Random): SeededTaskKind[] {
  const count = random.pick([0, 0, 1, 1, 2])
  return Array.from({ length: count }, () =>
    random.pick(['lead', 'lead', 'lead', 'missed_call', 'outgoing_call']),
  )
}

const COMMON_ACTIVITIES = [
  'Note',
  'Note',
  'Call',
  'Call',
  'Email',
  'Email',
  'SMS',
  'Meeting',
  'LeadStatusChange',
  'OpportunityStatusChange',
  'TaskCompleted',
  'WhatsAppMessage',
  'FormSubmission',
  'CustomActivity',
  'ImportUpdate',
] as const

function randomActivities(random: Random, opportunities: number, tasks: number): ActivityKind[] {
  const kinds: ActivityKind[] = []
  const count = random.whole(0, 4)
  for (let at = 0; at < count; at += 1) {
    const kind = random.pick(COMMON_ACTIVITIES)
    if (kind === 'Email') kinds.push('Email', 'EmailThread')
    else if (kind === 'OpportunityStatusChange' && opportunities === 0) kinds.push('Note')
    else if (kind === 'TaskCompleted' && tasks === 0) kinds.push('Call')
    else kinds.push(kind)
  }
  return kinds
}

class RowsBuilder<Kind extends string> {
  readonly #owners: number[] = []
  readonly #first: Uint32Array
  readonly #created: number[] = []
  readonly #updated: number[] = []
  readonly #kinds: Kind[] = []
  #lead = 0

  constructor(leads: number) {
    this.#first = new Uint32Array(leads + 1)
  }

  add(kind: Kind, createdMs: number, updatedMs: number): void {
    this.#owners.push(this.#lead)
    this.#kinds.push(kind)
    this.#created.push(createdMs)
    this.#updated.push(updatedMs)
  }

  endLead(): void {
    this.#lead += 1
    this.#first[this.#lead] = this.#owners.length
  }

  build(): ChildRows<Kind> {
    return {
      owner: Uint32Array.from(this.#owners),
      first: this.#first,
      created: this.#created,
      updated: this.#updated,
      kinds: this.#kinds,
    }
  }
}
