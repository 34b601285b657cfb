import { type CloseClient, closeTimestamp, type SearchRow, walkSearch } from '@latchwork/close'
import type { Clock, Ledger } from '../interface.ts'
import type { ClockSkew } from './clock-skew.ts'
import type { TargetObject } from './targets.ts'

/** A record that was sent to be created and whose answer was lost. */
export interface DoubtfulCreate {
  /** Its key in the ledger. */
  readonly key: string
  readonly body: Readonly<Record<string, unknown>>
  /** When it was about to be sent (ms), by our clock. */
  readonly sentAtMs: number
}

/** `id`: it was created, under this id. `absent`: it was not. `unclear`: nobody can tell. */
export type Finding = { readonly id: string } | 'absent' | 'unclear'

export interface Reconciliation {
  readonly client: CloseClient
  readonly object: TargetObject
  readonly ledger: Ledger
  readonly clock: Clock
  readonly clockSkew: ClockSkew
  readonly signal: AbortSignal
  /** How far Close's search may lag behind what was written. */
  readonly lagMs: number
  /** Tells what is being done, in a sentence. */
  readonly activity: (sentence: string | null) => void
}

/** The ledger's clock and this process's agree no better than this. */
const clockToleranceMs = 5000
const lookAgainMs = 5000

/** Fields that identify a record: without them a found record can't be matched with the one that was sent. */
const naming: Readonly<Record<TargetObject['searchType'], readonly string[]>> = {
  lead: ['name'],
  contact: ['name', 'lead_id'],
  opportunity: ['lead_id', 'note', 'value'],
}
/** Further fields that Close stores as they were sent. It rewrites phone numbers, addresses and the like. */
const fieldsAnsweredAsSent = [
  'description',
  'status_id',
  'value_period',
  'confidence',
  'user_id',
  'contact_id',
]

/**
 * Looks in Close for records whose creation is in doubt. A record found counts only if it was made by this
 * credential's user since the sending, carries what was sent, and belongs to no other record of the run.
 * Nothing counts as absent before Close's search has had the time to show it.
 */
export async function findDoubtful(
  reconciliation: Reconciliation,
  doubtful: readonly DoubtfulCreate[],
  /** Ids that other records of the run were given and that the ledger doesn't know by `madeKey` yet. */
  taken: ReadonlySet<string>,
): Promise<Map<string, Finding>> {
  const findings = new Map<string, Finding>()
  const nameless = doubtful.filter(({ body }) => !isNamed(body, reconciliation.object))
  for (const { key } of nameless) findings.set(key, 'unclear')
  let open = doubtful.filter(({ key }) => !findings.has(key))
  const user = open.length === 0 ? null : await reconciliation.client.me({ signal: reconciliation.signal })
  while (open.length > 0) {
    const lookedAtMs = reconciliation.clock.now()
    const made = await recordsMadeSince(reconciliation, open, user?.id ?? '', taken)
    for (const [key, finding] of matchAll(open, made, reconciliation.object)) findings.set(key, finding)
    open = open.filter(({ key }) => !findings.has(key))
    // A record that is missing after the lag was never created.
    const listed = open.filter(({ sentAtMs }) => lookedAtMs - sentAtMs >= reconciliation.lagMs)
    for (const { key } of listed) findings.set(key, 'absent')
    open = open.filter(({ key }) => !findings.has(key))
    if (open.length > 0) {
      const waitMs = Math.min(...open.map(({ sentAtMs }) => sentAtMs + reconciliation.lagMs - lookedAtMs))
      const left = Math.ceil(waitMs / 1000)
      reconciliation.activity(
        `Looking in Close whether ${open.length} records were created before the answer was lost; for ${left} s more at the most.`,
      )
      await reconciliation.clock.sleep(Math.max(1, Math.min(lookAgainMs, waitMs)), reconciliation.signal)
    }
  }
  reconciliation.activity(null)
  return findings
}

/** The key under which the ledger remembers that an id was given to a record of the run. */
export function madeKey(id: string): string {
  return `made:${id}`
}

function isNamed(body: Readonly<Record<string, unknown>>, object: TargetObject): boolean {
  return naming[object.searchType].some((field) => body[field] !== undefined && field !== 'lead_id')
}

async function recordsMadeSince(
  { client, object, ledger, clock, clockSkew, signal }: Reconciliation,
  doubtful: readonly DoubtfulCreate[],
  userId: string,
  taken: ReadonlySet<string>,
): Promise<SearchRow[]> {
  const sinceMs = Math.min(...doubtful.map(({ sentAtMs }) => sentAtMs)) - clockToleranceMs - clockSkew.lagMs
  const fields = [...new Set(doubtful.flatMap(({ body }) => Object.keys(body))), 'created_by']
  const rows: SearchRow[] = []
  const from = { value: closeTimestamp(sinceMs), seenIds: [] }
  const walk = { objectType: object.searchType, dateField: 'date_created', from, fields } as const
  for await (const page of walkSearch(client, walk, { clock, signal })) rows.push(...page.records)
  const own = rows.filter((row) => row['created_by'] === userId && !taken.has(row.id))
  const claimed = await ledger.look(own.map((row) => madeKey(row.id)))
  return own.filter((row) => !claimed.has(madeKey(row.id)))
}

/** Gives each record in doubt a record found, where there is no more than one way to do it. */
function matchAll(
  doubtful: readonly DoubtfulCreate[],
  made: readonly SearchRow[],
  object: TargetObject,
): Map<string, Finding> {
  const findings = new Map<string, Finding>()
  const left = new Set(made)
  // Records of the same content are interchangeable: any of them may take any of the rows found.
  for (const alike of Map.groupBy(doubtful, ({ body }) => JSON.stringify(body)).values()) {
    const body = alike[0]?.body ?? {}
    const named = [...left].filter((row) => agrees(body, row, naming[object.searchType]))
    const whole = named.filter((row) => agrees(body, row, comparedFields(body)))
    if (whole.length > 0 && whole.length <= alike.length) {
      whole.forEach((row, index) => {
        const twin = alike[index]
        if (twin === undefined) return
        findings.set(twin.key, { id: row.id })
        left.delete(row)
      })
    } else if (named.length > 0) {
      for (const twin of alike) findings.set(twin.key, 'unclear')
    }
  }
  return findings
}

function comparedFields(body: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(body).filter(
    (field) => fieldsAnsweredAsSent.includes(field) || (field.startsWith('custom.') && !isDated(body[field])),
  )
}

function isDated(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)
}

/** Whether the row has what was sent in these fields; fields that were not sent agree with anything. */
function agrees(body: Readonly<Record<string, unknown>>, row: SearchRow, fields: readonly string[]): boolean {
  return fields.every(
    (field) => body[field] === undefined || comparable(body[field]) === comparable(row[field]),
  )
}

function comparable(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim()
}
