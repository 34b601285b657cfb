import {
  type CloseClient,
  type CloseObject,
  type Fields,
  isCloseError,
  type RequestOptions,
} from '@latchwork/close'
import { errorCatalogue } from '@latchwork/contract'
import type { Claim, LedgerEntry, RefusedRecord } from '../interface.ts'
import { forEachAtOnce } from './for-each-at-once.ts'
import type { PlannedWrite } from './plan.ts'
import { type DoubtfulCreate, findDoubtful, type Reconciliation } from './reconciliation.ts'
import { isDone, refusal, refusalMessage } from './refusals.ts'
import type { TargetObject } from './targets.ts'

const requestsAtOnce = 6
/** How often a create is sent again after Close was seen not to have it. */
const maxRounds = 3

/** So many sendings in a row whose outcome is unknown say that Close is away. */
const maxInDoubt = 6

/** An intent that took longer to commit is none: whoever took the run up may have found that nothing was sent. */
const freshMs = 5_000

/** A planned write with its place in the page and, for a create, what the ledger knows it by. */
export interface PageWrite {
  readonly index: number
  readonly claim: Claim
  readonly plan: PlannedWrite
}

/** What became of a page so far. */
export interface PageDone {
  written: number
  /** Of these. */
  created: number
  readonly refused: RefusedRecord[]
}

interface Create {
  readonly index: number
  readonly entry: LedgerEntry
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Writes a page. An update has absolute values and may be sent twice. A create may not, since Close has no key to
 * recognize it by: its intent is committed before it is sent and its outcome after, and where the outcome is unknown
 * the record is looked for in Close and adopted if it is there. What the flow has created before is counted, not sent.
 *
 * @param done what was written is counted here, also where an error ends it
 * @throws CloseError when Close can't be used at all: `unauthorized`, `unreachable`, `rate_limited`, `server_error`
 */
export async function writePage(
  reconciliation: Reconciliation,
  writes: readonly PageWrite[],
  done: PageDone,
): Promise<void> {
  for (const { index, plan } of writes) {
    if (plan.action === 'refuse') done.refused.push(refusal(index, plan.message))
  }
  const resource = resourceOf(reconciliation.sender, reconciliation.object)
  await updateAll(resource, reconciliation, writes, done)
  await createAll(resource, reconciliation, writes, done)
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
  { hold, signal, fields }: Reconciliation,
  writes: readonly PageWrite[],
  done: PageDone,
): Promise<void> {
  // Two updates of one record keep their order.
  const byId = new Map<string, { index: number; body: Readonly<Record<string, unknown>> }[]>()
  for (const { index, plan } of writes) {
    if (plan.action === 'update')
      byId.set(plan.id, [...(byId.get(plan.id) ?? []), { index, body: plan.body }])
  }
  const beforeSend = () => {
    signal.throwIfAborted()
    return hold()
  }
  await forEachAtOnce([...byId], requestsAtOnce, async ([id, updates]) => {
    for (const { index, body } of updates) {
      try {
        await resource.update(id, body, { priority: 'backfill', beforeSend })
      } catch (error) {
        if (!isDone(error)) {
          done.refused.push(refusal(index, refusalMessage(error, fields)))
          continue
        }
      }
      done.written += 1
    }
  })
}

async function createAll(
  resource: Resource,
  reconciliation: Reconciliation,
  writes: readonly PageWrite[],
  done: PageDone,
): Promise<void> {
  const { ledger, signal, fields } = reconciliation
  const count = () => {
    done.written += 1
    done.created += 1
  }
  const { known, doubtful: open, toSend: unsent } = await claimAll(reconciliation, writes)
  let [doubtful, toSend] = [open, unsent]
  for (let each = 0; each < known; each += 1) count()
  for (let round = 1; toSend.length > 0 || doubtful.length > 0; round += 1) {
    const findings = await findDoubtful(reconciliation, doubtful.map(inDoubt))
    for (const create of doubtful) {
      const finding = findings.get(create.entry.id) ?? 'unclear'
      if (finding === 'absent' && round <= maxRounds) {
        toSend.push(create)
      } else if (typeof finding === 'object') {
        await ledger.settle(create.entry, finding.id)
        count()
      } else {
        const code = 'record_in_doubt'
        const { title: message } = errorCatalogue[code]
        done.refused.push({ index: create.index, code, message, entry: create.entry.id })
      }
    }
    doubtful = []
    let inDoubtNow = 0
    await forEachAtOnce(toSend, requestsAtOnce, async (create) => {
      signal.throwIfAborted()
      const sending = new Sending(create, reconciliation)
      try {
        const { id } = await resource.create(create.body, sending.options)
        await ledger.settle(create.entry, id)
        count()
        inDoubtNow = 0
      } catch (error) {
        if (isCloseError(error) && (error.code === 'in_doubt' || error.code === 'server_error')) {
          doubtful.push(sending.doubtful)
          inDoubtNow += 1
          if (inDoubtNow >= maxInDoubt) throw error
          return
        }
        // Any other error of Close means that nothing was created; any other failure leaves that unknown.
        if (isCloseError(error)) await ledger.settle(create.entry, null)
        done.refused.push(refusal(create.index, refusalMessage(error, fields)))
      }
    })
    toSend = []
  }
}

/** What the ledger knows of the records that are to be created. */
async function claimAll(
  { ledger }: Reconciliation,
  writes: readonly PageWrite[],
): Promise<{ known: number; doubtful: Create[]; toSend: Create[] }> {
  const creates = writes.flatMap(({ index, claim, plan }) =>
    plan.action === 'create' ? [{ index, claim, body: plan.body }] : [],
  )
  const entries = creates.length === 0 ? [] : await ledger.claim(creates.map(({ claim }) => claim))
  const found = { known: 0, doubtful: [] as Create[], toSend: [] as Create[] }
  const seen = new Set<string>()
  for (const [at, { index, body }] of creates.entries()) {
    const entry = entries[at]
    if (entry === undefined) throw new Error('the ledger knows nothing of a record that it was asked about')
    if (typeof entry.outcome === 'string' || seen.has(entry.id)) found.known += 1
    else (entry.outcome === undefined ? found.doubtful : found.toSend).push({ index, entry, body })
    seen.add(entry.id)
  }
  return found
}

const inDoubt = ({ entry, body }: Create): DoubtfulCreate => ({
  id: entry.id,
  body,
  sentAtMs: entry.sentAt,
})

/** A create on its way: its intent is committed right before each time that it is sent, however long that waited. */
class Sending {
  readonly #create: Create
  readonly #parts: Reconciliation
  #sentAtMs: number

  constructor(create: Create, parts: Reconciliation) {
    this.#create = create
    this.#parts = parts
    this.#sentAtMs = parts.clock.now()
  }

  get options(): RequestOptions {
    return { priority: 'backfill', beforeSend: () => this.#begin() }
  }

  get doubtful(): Create {
    return { ...this.#create, entry: { ...this.#create.entry, sentAt: this.#sentAtMs, outcome: undefined } }
  }

  async #begin(): Promise<void> {
    const { ledger, clock, signal, lagMs } = this.#parts
    for (;;) {
      signal.throwIfAborted()
      const begunMs = clock.now()
      await ledger.begin(this.#create.entry)
      this.#sentAtMs = clock.now()
      // A process that stood still meanwhile may have lost its run: the intent is committed again, or refused.
      if (this.#sentAtMs - begunMs < Math.min(freshMs, lagMs)) return
    }
  }
}
