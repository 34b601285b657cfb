import type { DatabaseSync } from 'node:sqlite'
import { type CredentialStatus, errorCatalogue, newId, type ReasonCode } from '@latchwork/contract'
import { storeCredential } from '../accounts.ts'
import { changeDatabase } from '../database.ts'
import type { Product } from '../product.ts'

const dayMs = 86_400_000

/** The status of a credential from one day to another. Days count back from today, which is 0. */
interface Spell {
  readonly from: number
  readonly to: number
  readonly status: CredentialStatus
  readonly reason?: ReasonCode
}
interface Story {
  readonly name: string
  readonly spells: readonly Spell[]
}

const good = (from: number, to: number): Spell => ({ from, to, status: 'verified' })

/** Examples of a credential's month. */
const stories: readonly Story[] = [
  {
    name: 'Support desk, key deleted in Close',
    spells: [good(29, 3), { from: 2, to: 0, status: 'failed', reason: 'api_key_disabled' }],
  },
  {
    name: 'Partner sign-in',
    spells: [good(29, 1), { from: 0, to: 0, status: 'failed', reason: 'grant_rejected' }],
  },
  {
    name: 'Warehouse',
    spells: [good(20, 1), { from: 0, to: 0, status: 'unverified', reason: 'unreachable' }],
  },
  {
    name: 'Reports, with a smaller role',
    spells: [good(29, 5), { from: 4, to: 0, status: 'verified', reason: 'role_narrowed' }],
  },
  {
    name: 'Billing, mended after a week-end',
    spells: [
      good(29, 12),
      { from: 11, to: 9, status: 'failed', reason: 'api_key_disabled' },
      { from: 8, to: 8, status: 'unverified', reason: 'upstream_error' },
      good(7, 0),
    ],
  },
  { name: 'New this week', spells: [good(4, 0)] },
]

/** Gives the product `quiet` credentials without a fault and those of the stories, each with a month of checks. */
export async function seedMonth(product: Product, quiet: number): Promise<void> {
  const reported = [
    ...stories,
    ...Array.from({ length: quiet }, (_, index) => ({
      name: `Region ${String(index + 1).padStart(3, '0')}`,
      spells: [good(29, 0)],
    })),
  ]
  const ids: string[] = []
  for (const { name } of reported) ids.push((await storeCredential(product, name)).id)
  await changeDatabase(product, (database) => {
    database.exec('begin')
    for (const [index, { name, spells }] of reported.entries()) {
      const id = ids[index] ?? ''
      writeDays(database, id, spells)
      writeAlerts(database, id, name, spells)
    }
    database.exec('commit')
  })
}

function writeDays(database: DatabaseSync, id: string, spells: readonly Spell[]): void {
  const now = Date.now()
  database.prepare('delete from check_days where credential_id = ?').run(id)
  const insert = database.prepare('insert into check_days values (?, ?, ?, ?, ?, ?)')
  for (const { from, to, status, reason } of spells) {
    for (let ago = from; ago >= to; ago--) {
      const day = new Date(now - ago * dayMs).toISOString().slice(0, 10)
      insert.run(id, day, status, reason ?? null, messageOf(reason), status)
    }
  }
  const last = spells.at(-1)
  if (last === undefined) return
  // So that no scheduled check changes it.
  database
    .prepare(
      'update credentials set status = ?, reason_code = ?, reason_message = ?, status_at = ?, next_check_at = ? where id = ?',
    )
    .run(
      last.status,
      last.reason ?? null,
      messageOf(last.reason),
      now - Math.max(3_600_000, last.status === 'verified' ? 0 : last.from * dayMs),
      now + dayMs,
      id,
    )
}

function writeAlerts(database: DatabaseSync, id: string, name: string, spells: readonly Spell[]): void {
  const insert = database.prepare(
    `insert into alerts (id, kind, credential_id, owner_id, code, title, message, created_at, sent_at)
      select ?, ?, id, owner_id, ?, ?, ?, ?, ? from credentials where id = '${id}'`,
  )
  const now = Date.now()
  const tell = (kind: string, title: string, message: string, code: string | null, ago: number) =>
    insert.run(newId('alert'), kind, code, title, message, now - ago * dayMs - 60_000, now)
  for (const [index, { from, status, reason }] of spells.entries()) {
    const before = spells[index - 1]
    if (status === 'failed') tell('failed', `“${name}” failed`, messageOf(reason) ?? '', reason ?? null, from)
    if (reason === 'role_narrowed')
      tell('narrowed', `“${name}” may do less than before`, messageOf(reason) ?? '', reason, from)
    if (status === 'verified' && before !== undefined && before.status !== 'verified')
      tell('recovered', `“${name}” works again`, 'It was checked and is verified.', null, from)
  }
  if (name === 'New this week')
    tell(
      'expiring',
      `“${name}” is about to expire`,
      'Its sign-in can’t be refreshed. Sign in again.',
      null,
      1,
    )
}

function messageOf(reason: ReasonCode | undefined): string | null {
  return reason === undefined ? null : errorCatalogue[reason].title
}
