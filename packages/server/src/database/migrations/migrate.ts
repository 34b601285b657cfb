import { LatchworkError } from '@latchwork/contract'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Database } from '../database.ts'
import { start } from './0001-start.ts'
import { keys } from './0002-keys.ts'
import { accessAndAudit } from './0003-access-and-audit.ts'
import { health } from './0004-health.ts'
import { devices } from './0005-devices.ts'
import { credentialLists } from './0006-credential-lists.ts'
import { oldKeys } from './0007-old-keys.ts'
import { credentialWords } from './0008-credential-words.ts'
import { auditKeyed } from './0009-audit-keyed.ts'
import { filesAndShares } from './0010-files-and-shares.ts'
import { rights } from './0011-rights.ts'
import { ownSignIn } from './0012-own-sign-in.ts'
import { authorizations } from './0013-authorizations.ts'
import { attempts } from './0014-attempts.ts'
import { oldRecords } from './0015-old-records.ts'
import { sealedRecords } from './0016-sealed-records.ts'
import { heldInUse } from './0017-held-in-use.ts'
import { plainSearch } from './0018-plain-search.ts'
import { slidingAttempts } from './0019-sliding-attempts.ts'
import { words } from './0021-words.ts'
import { partialRuns } from './0022-partial-runs.ts'
import { wholeQuarantine } from './0023-quarantine.ts'
import { ledgerOfFlows } from './0024-ledger-of-flows.ts'
import { agesAndOrder } from './0025-ages-and-order.ts'
import { streams } from './0027-streams.ts'
import { chosenStreams } from './0028-chosen-streams.ts'
import { schedules } from './0029-schedules.ts'
import { recordsByStream } from './0030-records-by-stream.ts'
import { sameRecords } from './0031-same-records.ts'
import { equalToTheSource } from './0032-equal-to-the-source.ts'
import { columnNames } from './0033-column-names.ts'
import { watchedRuns } from './0034-watched-runs.ts'
import { home, sortFlows } from './0035-home.ts'
import { passwordsTable } from './0038-passwords-table.ts'
import { schemaOfAFlow } from './0039-schema-of-a-flow.ts'
import { passes } from './0040-passes.ts'
import { budget } from './0041-budget.ts'
import { passWrites } from './0042-pass-writes.ts'
import { budgetUses } from './0043-budget-uses.ts'
import { streamTargets } from './0044-stream-targets.ts'
import { plainWords, renameInFunctions } from './0045-plain-words.ts'
import { foldAccents } from './fold-accents.ts'
import { type ColumnKinds, columnKinds } from './kinds.ts'

/** In order. A migration that was released is never changed. */
const migrations: Readonly<Record<string, (kinds: ColumnKinds) => string[]>> = {
  '0001-start': start,
  '0002-keys': keys,
  '0003-access-and-audit': accessAndAudit,
  '0004-health': health,
  '0005-devices': devices,
  '0006-credential-lists': credentialLists,
  '0007-old-keys': oldKeys,
  '0008-credential-words': credentialWords,
  '0009-audit-keyed': auditKeyed,
  '0010-files-and-shares': filesAndShares,
  '0011-rights': rights,
  '0012-own-sign-in': ownSignIn,
  '0013-authorizations': authorizations,
  '0014-attempts': attempts,
  '0015-old-records': oldRecords,
  '0016-sealed-records': sealedRecords,
  '0017-held-in-use': heldInUse,
  '0018-plain-search': plainSearch,
  '0019-sliding-attempts': slidingAttempts,
  '0021-words': words,
  '0022-partial-runs': partialRuns,
  '0023-quarantine': wholeQuarantine,
  '0024-ledger-of-flows': ledgerOfFlows,
  '0025-ages-and-order': agesAndOrder,
  '0027-streams': streams,
  '0028-chosen-streams': chosenStreams,
  '0029-schedules': schedules,
  '0030-records-by-stream': recordsByStream,
  '0031-same-records': sameRecords,
  '0032-equal-to-the-source': equalToTheSource,
  '0033-column-names': columnNames,
  '0034-watched-runs': watchedRuns,
  '0035-home': home,
  '0038-passwords-table': passwordsTable,
  '0039-schema-of-a-flow': schemaOfAFlow,
  '0040-passes': passes,
  '0041-budget': budget,
  '0042-pass-writes': passWrites,
  '0043-budget-uses': budgetUses,
  '0044-stream-targets': streamTargets,
  '0045-plain-words': plainWords,
}

/** What statements alone can't do, after them. */
const afterwards: Readonly<
  Record<string, (db: Kysely<unknown>, dialect: ColumnKinds['dialect']) => Promise<void>>
> = {
  '0006-credential-lists': foldAccents,
  '0035-home': sortFlows,
  '0045-plain-words': renameInFunctions,
}

/** A name of our own: another program's schema of the same PostgreSQL database may have Kysely's. */
const historyTable = 'latchwork_migration'

/** Whether a database with these migrations, and no others, can be brought to this version. */
export function isKnownHistory(names: readonly string[]): boolean {
  const known = Object.keys(migrations)
  return names.length <= known.length && names.every((name, at) => name === known[at])
}

/**
 * Brings the database to this version, or only to the migration named. Of several processes that start at once, one migrates and the others wait.
 * @throws LatchworkError `database_newer`
 */
export async function migrate(database: Database, upTo?: string): Promise<void> {
  await refuseNewer(database)
  const kinds = columnKinds[database.sql.kind]
  const migrator = new Migrator({
    // Parts of one version are made side by side and need not be finished in the order of their numbers.
    allowUnorderedMigrations: true,
    db: database.auth,
    migrationTableName: historyTable,
    migrationLockTableName: `${historyTable}_lock`,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(migrations).map(([name, statements]) => [
            name,
            {
              up: async (db: Kysely<unknown>) => {
                await run(db, statements(kinds))
                await afterwards[name]?.(db, kinds.dialect)
              },
            },
          ]),
        ),
    },
  })
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo))
  if (error === undefined) return
  await refuseNewer(database) // another process may just have migrated to a newer version
  throw error
}

async function run(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

async function refuseNewer({ auth }: Database): Promise<void> {
  const tables = await auth.introspection.getTables()
  if (!tables.some((table) => table.name === historyTable)) return
  const { rows } = await sql<{
    name: string
  }>`select name from ${sql.table(historyTable)} order by name`.execute(auth)
  const unknown = rows.find((row) => !Object.hasOwn(migrations, row.name))
  if (unknown === undefined) return
  throw new LatchworkError('database_newer', {
    message: `The database was made by a newer Latchwork (it has the change "${unknown.name}", which this version doesn't know). Start that version, or restore a backup.`,
  })
}
