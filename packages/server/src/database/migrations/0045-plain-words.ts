import { type Kysely, sql } from 'kysely'
import type { ColumnKinds } from './kinds.ts'

const named = ['credentials', 'credential_viewers', 'sides', 'flows', 'passes']
/** Where codes of the error catalogue are stored. Entries of the audit log keep theirs: they are chained. */
const codeColumns = {
  credentials: 'reason_code',
  credential_checks: 'reason_code',
  check_days: 'reason_code',
  alerts: 'code',
  flows: 'paused_code',
  runs: 'error_code',
  run_streams: 'error_code',
  pass_calls: 'code',
}
const codes = {
  key_rejected: 'api_key_rejected',
  key_disabled: 'api_key_disabled',
  key_not_found: 'master_key_not_found',
  key_in_use: 'master_key_in_use',
  key_not_addable: 'master_key_not_addable',
  key_old: 'master_key_old',
  key_worn: 'master_key_worn',
}

/** Whose key a code is about, and what a name is folded for, is in the word. */
export function plainWords(): string[] {
  const spelled = Object.entries(codes).map(([from, to]) => `when '${from}' then '${to}'`)
  const known = Object.keys(codes).map((code) => `'${code}'`)
  return [
    ...named.map((table) => `alter table ${table} rename column name_key to sort_name`),
    'alter table flows rename column sort_key to natural_name',
    'alter table quarantine rename column record_key to primary_key',
    ...Object.entries(codeColumns).map(
      ([table, column]) => `update ${table} set ${column} = case ${column} ${spelled.join(' ')} end
        where ${column} in (${known.join(', ')})`,
    ),
  ]
}

/** SQLite renames a column in its triggers, too; PostgreSQL keeps the bodies of their functions as text. */
export async function renameInFunctions(db: Kysely<unknown>, dialect: ColumnKinds['dialect']): Promise<void> {
  if (dialect === 'sqlite') return
  const { rows } = await sql<{ definition: string }>`
    select pg_get_functiondef(p.oid) as definition from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = current_schema() and p.prosrc like '%name\\_key%'`.execute(db)
  for (const { definition } of rows)
    await sql.raw(definition.replaceAll(/\bname_key\b/g, 'sort_name')).execute(db)
}
