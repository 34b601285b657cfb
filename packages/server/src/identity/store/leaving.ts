import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { nameColumns } from '../../database/folding.ts'

type Tables = Database['tables']

/** Withdraws everything that rests on a person's rights, because it ends with the person. */
export async function withdrawDerived(
  { now }: Database['sql'],
  transaction: Tables,
  { id, email }: { readonly id: string; readonly email: string },
): Promise<void> {
  // An authorization under way stays. It is refused at its callback, where its grant is ended.
  for (const table of ['apiTokens', 'deviceSignIns'] as const) {
    await transaction.deleteFrom(table).where('userId', '=', id).execute()
  }
  await transaction
    .deleteFrom('invitations')
    .where((eb) => eb.or([eb('invitedBy', '=', id), eb('email', '=', email.toLowerCase())]))
    .execute()
  await transaction
    .updateTable('passes')
    .set({ revokedAt: now, oldTokenHash: null, oldTokenUntil: null })
    .where('ownerId', '=', id)
    .where('revokedAt', 'is', null)
    .execute()
  // The sweep erases it and ends its grant.
  await transaction
    .updateTable('credentials')
    .set({ draftExpiresAt: now })
    .where('ownerId', '=', id)
    .where('status', '=', 'draft')
    .execute()
  await transaction
    .updateTable('previousSecrets')
    .set({ undoUntil: now })
    .where('replacedBy', '=', id)
    .where('undoUntil', '>', now)
    .execute()
}

/** Gives what a member owned to the heir. If the heir has one with its name, the member's name is appended. */
export async function handOver(
  transaction: Tables,
  { id, name }: { readonly id: string; readonly name: string },
  heirId: string,
): Promise<void> {
  await renameForHeir(transaction, 'credentials', id, heirId, name)
  await renameForHeir(transaction, 'passes', id, heirId, name)
  await renameFilesForHeir(transaction, id, heirId, name)
  for (const table of ['credentials', 'sides', 'flows', 'files', 'passes'] as const) {
    await transaction.updateTable(table).set({ ownerId: heirId }).where('ownerId', '=', id).execute()
  }
}

/** Names are unique among an owner's saved credentials, and among an owner's passes. */
async function renameForHeir(
  transaction: Tables,
  table: 'credentials' | 'passes',
  memberId: string,
  heirId: string,
  memberName: string,
): Promise<void> {
  const named = (ownerId: string) => {
    const rows = transaction
      .selectFrom(table)
      .select(['id', 'name', 'sortName'])
      .where('ownerId', '=', ownerId)
    const isSaved = sql<boolean>`status <> 'draft' and deleted_at is null`
    return (table === 'credentials' ? rows.where(isSaved) : rows).execute()
  }
  const taken = new Set((await named(heirId)).map(({ sortName }) => sortName))
  for (const { id, name, sortName } of await named(memberId)) {
    let columns = { ...nameColumns(name), sortName }
    for (let count = 1; taken.has(columns.sortName); count++) {
      columns = nameColumns(name.slice(0, 150) + ofMember(memberName, count))
    }
    taken.add(columns.sortName)
    if (columns.name !== name) {
      await transaction.updateTable(table).set(columns).where('id', '=', id).execute()
    }
  }
}

function ofMember(memberName: string, count: number): string {
  return ` (${memberName.slice(0, 40)}${count === 1 ? '' : ` ${count}`})`
}

/** Names are unique among an owner's files too: `leads.csv` becomes `leads (Ann).csv`. A file is read by its id. */
async function renameFilesForHeir(
  transaction: Tables,
  memberId: string,
  heirId: string,
  memberName: string,
): Promise<void> {
  const files = transaction.selectFrom('files').select(['id', 'name'])
  const plainName = memberName.replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
  const taken = new Set((await files.where('ownerId', '=', heirId).execute()).map(({ name }) => name))
  for (const file of await files.where('ownerId', '=', memberId).execute()) {
    const [, stem = file.name, ending = ''] = /^(.+?)(\.[^.]{1,20})?$/s.exec(file.name) ?? []
    let { name } = file
    for (let count = 1; taken.has(name); count++) {
      name = stem.slice(0, 100) + ofMember(plainName, count) + ending
    }
    taken.add(name)
    if (name !== file.name)
      await transaction.updateTable('files').set({ name }).where('id', '=', file.id).execute()
  }
}
