import {
  type CloseClient,
  type CloseObject,
  type Fields,
  isCloseError,
  type RequestOptions,
} from '@latchwork/close'
import { type Column, errorCatalogue } from '@latchwork/contract'
import type { RefusedRecord } from '../interface.ts'
import { fieldWords } from './field-values.ts'
import { forEachAtOnce } from './for-each-at-once.ts'
import type { PlannedWrite } from './plan.ts'
import { type DoubtfulCreate, findDoubtful, madeKey, type Reconciliation } from './reconciliation.ts'
import type { TargetObject } from './targets.ts'

const requestsAtOnce = 6
/** How often a create is sent again after Close was seen not to have it. */
const maxRounds = 3

/** A planned write with its place in the page and, for a create, its key in the ledger. */
export interface PageWrite {
  readonly index: number
  readonly key: string
  readonly plan: PlannedWrite
}

type Create = Pick<DoubtfulCreate, 'key' | 'body'> & { readonly index: number }

/**
 * Writes a page. An update has absolute values and may be sent twice. A create may not, since Close has no key to
 * recognize it by: its intent is committed before it is sent and its outcome after, and where the outcome is unknown
 * the record is looked for in Close and adopted if it is there.
 *
 * @param fields that are written: Close's words about them are told with their labels
 * @throws CloseError when Close can't be used at all: `unauthorized`, `unreachable`, `rate_limited`
 */
export async function writePage(
  reconciliation: Reconciliation,
  writes: readonly PageWrite[],
  fields: readonly Column[],
): Promise<RefusedRecord[]> {
  const refused = writes.flatMap(({ index, plan }): RefusedRecord[] =>
    plan.action === 'refuse' ? [refusal(index, plan.message)] : [],
  )
  const resource = resourceOf(reconciliation.client, reconciliation.object)
  refused.push(...(await updateAll(resource, reconciliation.signal, writes, fields)))
  const creates = writes.flatMap(({ index, key, plan }): Create[] =>
    plan.action === 'create' ? [{ index, key, body: plan.body }] : [],
  )
  refused.push(...(await createAll(resource, reconciliation, creates, fields)))
  return refused
}

/** The parts that a kind of record needs for writing, whatever its fields. */
interface Resource {
  create(body: Fields<CloseObject>, options: RequestOptions): Promise<CloseObject>
  update(id: string, body: Fields<CloseObject>, options: RequestOptions): Promise<CloseObject>
}

function resourceOf(client: CloseClient, object: TargetObject): Resource {
  switch (object.searchType) {
    case 'lead':
      return client.leads
    case 'contact':
      return client.contacts
    case 'opportunity':
      return client.opportunities
  }
}

async function updateAll(
  resource: Resource,
  signal: AbortSignal,
  writes: readonly PageWrite[],
  fields: readonly Column[],
): Promise<RefusedRecord[]> {
  // Two updates of one record keep their order.
  const byId = new Map<string, { index: number; body: Readonly<Record<string, unknown>> }[]>()
  for (const { index, plan } of writes) {
    if (plan.action === 'update')
      byId.set(plan.id, [...(byId.get(plan.id) ?? []), { index, body: plan.body }])
  }
  const refused: RefusedRecord[] = []
  await forEachAtOnce([...byId], requestsAtOnce, async ([id, updates]) => {
    for (const { index, body } of updates) {
      try {
        await resource.update(id, body, { signal, priority: 'backfill' })
      } catch (error) {
        refused.push(refusal(index, refusalMessage(error, fields)))
      }
    }
  })
  return refused
}

async function createAll(
  resource: Resource,
  reconciliation: Reconciliation,
  creates: readonly Create[],
  fields: readonly Column[],
): Promise<RefusedRecord[]> {
  const { ledger, clock, signal } = reconciliation
  const refused: RefusedRecord[] = []
  const taken = new Set<string>()
  const entries = await ledger.look(creates.map(({ key }) => key))
  let doubtful: (Create & DoubtfulCreate)[] = []
  let toSend: Create[] = []
  for (const create of creates) {
    const entry = entries.get(create.key)
    if (typeof entry?.outcome === 'string') taken.add(entry.outcome)
    else if (entry !== undefined && entry.outcome === undefined)
      doubtful.push({ ...create, sentAtMs: entry.at })
    else toSend.push(create)
  }
  for (let round = 1; toSend.length > 0 || doubtful.length > 0; round += 1) {
    if (doubtful.length > 0) {
      const findings = await findDoubtful(reconciliation, doubtful, taken)
      for (const create of doubtful) {
        const finding = findings.get(create.key) ?? 'unclear'
        if (finding === 'absent' && round <= maxRounds) {
          toSend.push(create)
        } else if (typeof finding === 'object') {
          await ledger.settle(create.key, finding.id)
          taken.add(finding.id)
        } else {
          const code = 'record_in_doubt'
          refused.push({ index: create.index, code, message: errorCatalogue[code].title })
        }
      }
      doubtful = []
    }
    await ledger.begin(toSend.map(({ key }) => key))
    await forEachAtOnce(toSend, requestsAtOnce, async (create) => {
      const sentAtMs = clock.now()
      try {
        const { id } = await resource.create(create.body, { signal, priority: 'backfill' })
        await ledger.settle(create.key, id)
        taken.add(id)
      } catch (error) {
        if (isCloseError(error) && (error.code === 'in_doubt' || error.code === 'server_error')) {
          doubtful.push({ ...create, sentAtMs })
          return
        }
        // Any other error of Close means that nothing was created; any other failure leaves that unknown.
        if (isCloseError(error)) await ledger.settle(create.key, null)
        refused.push(refusal(create.index, refusalMessage(error, fields)))
      }
    })
    toSend = []
  }
  // From here on a later search knows that these ids belong to records of this run.
  await ledger.begin([...taken].map(madeKey))
  return refused
}

function refusal(index: number, message: string): RefusedRecord {
  return { index, code: 'record_refused', message }
}

/** Close names fields as programs do. */
function withLabels(message: string, fields: readonly Column[]): string {
  const words = new Map(fields.map((field) => [field.name, fieldWords(field)]))
  return message.replaceAll(/(?<![\w.(])(?:custom\.)?\w+/g, (name) => {
    const known = words.get(name)
    // A word of the sentence is no field: those have an underscore or a dot in their names.
    return known === undefined || !/[._]/.test(name) ? name : known
  })
}

/** Close's message about the one record that it refuses. @throws an error that is not about the record */
function refusalMessage(error: unknown, fields: readonly Column[]): string {
  if (!isCloseError(error)) throw error
  switch (error.code) {
    case 'invalid':
    case 'not_found':
    case 'forbidden':
    case 'plan_limit': {
      const faults = Object.entries(error.fieldErrors ?? {}).map(([field, message]) => `${field}: ${message}`)
      return withLabels(faults.length === 0 ? error.message : faults.join(' '), fields)
    }
    default:
      throw error
  }
}
