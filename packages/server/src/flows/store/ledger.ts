import { createHash } from 'node:crypto'
import type { Claim, LedgerEntry } from '@latchwork/connectors'
import type { RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { ledgerEntry } from '../../database/flow-tables.ts'
import { type HeldRun, whileHeld } from './held.ts'
import type { RunRow } from './run-row.ts'

/** Rows to one statement: both databases limit its values. */
const rowsAtOnce = 500

/** Of what replays create: no run that completes a flow's work ends it. */
export const replayRound = -1

type Entry = RowOf<typeof ledgerEntry>
/** A run with what it belongs to. */
export type LedgerRun = HeldRun & Pick<RunRow, 'flowId' | 'round'>

/** What became of an entry; `undefined`: it is about to be sent. */
export interface LedgerChange {
  readonly id: string
  readonly outcome: string | null | undefined
}

/** Per flow and round, which records were created where creating them twice would double them. */
export function openLedger(database: Database) {
  const { sql, tables } = database
  return {
    /** As `Ledger.claim`. */
    ledgerClaim: (run: LedgerRun, claims: readonly Claim[]): Promise<LedgerEntry[]> =>
      whileHeld(database, run, async (transaction) => {
        const made = await claimNew(
          transaction,
          run,
          claims.filter(({ entry }) => entry == null),
        )
        const entries: LedgerEntry[] = []
        for (const { entry, identity } of claims) {
          const found = entry == null ? made.shift() : await find(transaction, run, entry)
          entries.push(found ?? { id: identity, sentAt: null, outcome: undefined })
        }
        return entries
      }),

    ledgerWrite: (run: LedgerRun, changes: readonly LedgerChange[]): Promise<void> =>
      whileHeld(database, run, async (transaction) => {
        for (const { id, outcome } of changes) {
          const place = placeOf(id)
          await transaction
            .updateTable('ledger')
            .set(ledgerEntry.toChangedColumns({ resolved: outcome !== undefined, outcome: outcome ?? null }))
            .$if(outcome === undefined, (update) => update.set({ sentAt: sql.now }))
            .where('flowId', '=', run.flowId)
            .where('round', '=', place.round)
            .where('keyHash', '=', place.keyHash)
            .where('twin', '=', place.twin)
            .execute()
        }
      }),

    /** Which of the other system's ids belong to records of the flow. */
    async ledgerKnown(
      { flowId }: Pick<LedgerRun, 'flowId'>,
      ids: readonly string[],
    ): Promise<ReadonlySet<string>> {
      const known = new Set<string>()
      for (const part of parts(ids)) {
        const rows = await tables
          .selectFrom('ledger')
          .select('outcome')
          .where('flowId', '=', flowId)
          .where('outcome', 'in', part)
          .execute()
        for (const { outcome } of rows) if (outcome !== null) known.add(outcome)
      }
      return known
    },

    /**
     * Erases what belongs to rounds of a flow that are over. One with a record in doubt stays as long as there is something
     * in quarantine: a replay goes on with it, and must not take what the flow has created for it.
     */
    async sweepLedger(flowId: string): Promise<void> {
      const doubtful = tables
        .selectFrom('ledger')
        .select('round')
        .where('flowId', '=', flowId)
        .where('resolved', '=', 0)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('refusedRecords')
              .innerJoin('runs', 'runs.id', 'refusedRecords.runId')
              .select('runs.id')
              .where('runs.flowId', '=', flowId),
          ),
        )
      const over = tables
        .selectFrom('ledger')
        .select(['round', 'keyHash', 'twin'])
        .where('flowId', '=', flowId)
        .where('round', '>=', 0)
        .where('round', '<', (eb) => eb.selectFrom('flows').select('round').where('id', '=', flowId))
        .where('round', 'not in', doubtful)
        .limit(rowsAtOnce)
      for (;;) {
        const { numDeletedRows } = await tables
          .deleteFrom('ledger')
          .where('flowId', '=', flowId)
          .where((eb) =>
            eb(eb.refTuple('round', 'keyHash', 'twin'), 'in', over.$asTuple('round', 'keyHash', 'twin')),
          )
          .executeTakeFirst()
        if (numDeletedRows < rowsAtOnce) return
      }
    },
  }

  async function claimNew(
    transaction: Database['tables'],
    run: LedgerRun,
    claims: readonly Claim[],
  ): Promise<LedgerEntry[]> {
    const named = claims.map((claim) => ({
      ...claim,
      hash: hashOf(claim.identity),
      old: hashOf(claim.before.identity),
    }))
    const stored = await read(transaction, run, [...new Set(named.flatMap(({ hash, old }) => [hash, old]))])
    const byHash = Map.groupBy(stored, ({ keyHash }) => keyHash)
    const claimed = named.map(({ hash, old, position, before }): Entry => {
      const known = byHash.get(hash) ?? []
      const earlier = (byHash.get(old) ?? []).filter(({ runId }) => runId === run.id || !before.ofRun)
      const entry = entryOf(run.id, position, known, earlier)
      const mine: Entry = {
        ...{ flowId: run.flowId, round: run.round, keyHash: hash, twin: known.length },
        ...{ sentAt: null, resolved: true, outcome: null },
        ...entry,
        ...{ runId: run.id, position },
      }
      // A twin further on in the page must not take it for its own.
      const others = (byHash.get(mine.keyHash) ?? []).filter((each) => each !== entry)
      byHash.set(mine.keyHash, [...others, mine])
      return mine
    })
    await save(transaction, claimed)
    return claimed.map(toEntry)
  }

  /** An entry of the flow, of any of its rounds. */
  async function find(
    transaction: Database['tables'],
    { flowId }: LedgerRun,
    id: string,
  ): Promise<LedgerEntry | null> {
    const { round, keyHash, twin } = placeOf(id)
    const row = await transaction
      .selectFrom('ledger')
      .selectAll()
      .where('flowId', '=', flowId)
      .where('round', '=', round)
      .where('keyHash', '=', keyHash)
      .where('twin', '=', twin)
      .executeTakeFirst()
    return row === undefined ? null : toEntry(ledgerEntry.toRow(row))
  }

  async function read(
    transaction: Database['tables'],
    { flowId, round }: LedgerRun,
    hashes: readonly string[],
  ): Promise<Entry[]> {
    const found: Entry[] = []
    for (const part of parts(hashes)) {
      const rows = await transaction
        .selectFrom('ledger')
        .selectAll()
        .where('flowId', '=', flowId)
        .where('round', '=', round)
        .where('keyHash', 'in', part)
        .orderBy('keyHash')
        .orderBy('twin')
        .execute()
      found.push(...rows.map(ledgerEntry.toRow))
    }
    return found
  }

  async function save(transaction: Database['tables'], entries: readonly Entry[]): Promise<void> {
    // Two claims of one entry are one row.
    const distinct = new Map(entries.map((entry) => [`${entry.keyHash}:${entry.twin}`, entry]))
    for (const part of parts([...distinct.values()])) {
      await transaction
        .insertInto('ledger')
        .values(part.map((entry) => ledgerEntry.toColumns(entry)))
        .onConflict((conflict) =>
          conflict.columns(['flowId', 'round', 'keyHash', 'twin']).doUpdateSet((eb) => ({
            runId: eb.ref('excluded.runId'),
            position: eb.ref('excluded.position'),
          })),
        )
        .execute()
    }
  }
}

function toEntry({ round, keyHash, twin, sentAt, resolved, outcome }: Entry): LedgerEntry {
  return { id: `${round}:${keyHash}:${twin}`, sentAt, outcome: resolved ? outcome : undefined }
}

export function placeOf(id: string): Pick<Entry, 'round' | 'keyHash' | 'twin'> {
  const [round, keyHash = '', twin] = id.split(':')
  return { round: Number(round), keyHash, twin: Number(twin) }
}

/** The entry of a record among those of its content, and those by which an earlier version knew it; undefined: it is new. */
function entryOf(
  runId: string,
  position: number | null,
  known: readonly Entry[],
  before: readonly Entry[],
): Entry | undefined {
  if (position === null) return known[0] ?? before[0]
  return (
    known.find((each) => each.runId === runId && each.position === position) ??
    [...known.filter((each) => each.runId !== runId), ...before].sort((a, b) => rank(a) - rank(b))[0]
  )
}

/** Of entries with the same content, one that is there is taken before one in doubt, and that before one that is not there. */
function rank({ resolved, outcome }: Entry): number {
  return outcome !== null ? 0 : resolved ? 2 : 1
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += rowsAtOnce) yield all.slice(start, start + rowsAtOnce)
}
