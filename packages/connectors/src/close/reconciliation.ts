import { type CloseClient, closeTimestamp, type SearchRow, walkSearch } from '@latchwork/close'
import type { Column } from '@latchwork/contract'
import type { Clock, Ledger } from '../interface.ts'
import type { ClockSkew } from './clock-skew.ts'
import type { TargetObject } from './targets.ts'

/** A record that was sent to be created and whose answer was lost. */
export interface DoubtfulCreate {
  /** Of its entry in the ledger. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  /** When it was about to be sent (ms), by our clock; null if nobody knows any more. */
  readonly sentAtMs: number | null
}

/** One that can be looked for. */
type Sent = DoubtfulCreate & { readonly sentAtMs: number }

/** `id`: it was created, under this id. `absent`: it was not. `unclear`: nobody can tell. */
export type Finding = { readonly id: string } | 'absent' | 'unclear'

export interface Reconciliation {
  readonly client: CloseClient
  /** For what changes something: what is on its way may still be answered when the run ends. */
  readonly sender: CloseClient
  /** @throws once another process has taken the run up */
  hold(): Promise<void>
  readonly object: TargetObject
  /** That are written: Close's words about them are told with their labels. */
  readonly fields: readonly Column[]
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

/** The fields by which a record is looked for. */
export const namingFields = ({ searchType }: TargetObject): readonly string[] => naming[searchType]

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
 * credential's user since the sending, carries what was sent, and belongs to no other record of the flow.
 * Nothing counts as absent before Close's search has had the time to show it.
 */
export async function findDoubtful(
  reconciliation: Reconciliation,
  doubtful: readonly DoubtfulCreate[],
): Promise<Map<string, Finding>> {
  const findings = new Map<string, Finding>()
  let open = doubtful.filter(
    (each): each is Sent => each.sentAtMs !== null && isNamed(each.body, reconciliation.object),
  )
  for (const { id } of doubtful) if (!open.some((each) => each.id === id)) findings.set(id, 'unclear')
  const user = open.length === 0 ? null : await reconciliation.client.me({ signal: reconciliation.signal })
  while (open.length > 0) {
    const lookedAtMs = reconciliation.clock.now()
    const made = await recordsMadeSince(reconciliation, open, user?.id ?? '')
    for (const [id, finding] of matchAll(open, made, reconciliation.object)) findings.set(id, finding)
    open = open.filter(({ id }) => !findings.has(id))
    // A record that is missing after the lag was never created.
    const listed = open.filter(({ sentAtMs }) => lookedAtMs - sentAtMs >= reconciliation.lagMs)
    for (const { id } of listed) findings.set(id, 'absent')
    open = open.filter(({ id }) => !findings.has(id))
    if (open.length > 0) {
      const waitMs = Math.min(...open.map(({ sentAtMs }) => sentAtMs + reconciliation.lagMs - lookedAtMs))
      const left = Math.ceil(waitMs / 1000)
      const records = open.length === 1 ? '1 record was' : `${open.length} records were`
      reconciliation.activity(
        `Looking in Close whether ${records} created before the answer was lost. This takes ${left} s more at most.`,
      )
      await reconciliation.clock.sleep(Math.max(1, Math.min(lookAgainMs, waitMs)), reconciliation.signal)
    }
  }
  reconciliation.activity(null)
  return findings
}

function isNamed(body: Readonly<Record<string, unknown>>, object: TargetObject): boolean {
  return namingFields(object).some((field) => body[field] !== undefined && field !== 'lead_id')
}

async function recordsMadeSince(
  { client, object, ledger, clock, clockSkew, signal }: Reconciliation,
  doubtful: readonly Sent[],
  userId: string,
): Promise<SearchRow[]> {
  const sinceMs = Math.min(...doubtful.map(({ sentAtMs }) => sentAtMs)) - clockToleranceMs - clockSkew.lagMs
  const fields = [...new Set(doubtful.flatMap(({ body }) => Object.keys(body))), 'created_by']
  const rows: SearchRow[] = []
  const from = { value: closeTimestamp(sinceMs), seenIds: [] }
  const walk = { objectType: object.searchType, dateField: 'date_created', from, fields } as const
  for await (const page of walkSearch(client, walk, { clock, signal })) rows.push(...page.records)
  const own = rows.filter((row) => row['created_by'] === userId)
  const known = await ledger.known(own.map((row) => row.id))
  return own.filter((row) => !known.has(row.id))
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
    const named = [...left].filter((row) => agreesWith(body, row, namingFields(object)))
    const whole = named.filter((row) => agreesWith(body, row, comparedFields(body)))
    if (whole.length > 0 && whole.length <= alike.length) {
      whole.forEach((row, index) => {
        const twin = alike[index]
        if (twin === undefined) return
        findings.set(twin.id, { id: row.id })
        left.delete(row)
      })
    } else if (named.length > 0) {
      for (const twin of alike) findings.set(twin.id, 'unclear')
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
export function agreesWith(
  body: Readonly<Record<string, unknown>>,
  row: SearchRow,
  fields: readonly string[],
): boolean {
  return fields.every(
    (field) => body[field] === undefined || comparable(body[field]) === comparable(row[field]),
  )
}

function comparable(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim()
}
