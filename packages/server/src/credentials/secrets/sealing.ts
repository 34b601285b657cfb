import type { Place } from '@latchwork/vault'
import type { CredentialRow } from '../store/row.ts'

/** The place of a credential's secrets: they open for this row and this version only. */
export function placeOf(id: string, version: number): Place {
  return { table: 'credentials', rowId: id, version }
}

export function placeOfRow(row: Pick<CredentialRow, 'id' | 'secretVersion'>): Place {
  return placeOf(row.id, row.secretVersion)
}

export function hasSecret(row: Pick<CredentialRow, 'sealed'>, field: string): boolean {
  return Object.hasOwn(row.sealed.fields, field)
}
