import {
  type Column,
  LatchworkError,
  outsideLimits,
  outsideText,
  shownColumns,
  shownRecord,
} from '@latchwork/contract'
import type { FoundRecords, PlannedPreview } from './interface.ts'
import type { SentSecrets } from './watched-credential.ts'

/* Records and columns of another system that a person sees: without the secrets that were sent to it, and cut. */

/** @throws LatchworkError `upstream_error` for more columns, or longer names, than a dataset can have */
export function checkedColumns(columns: readonly Column[], sent: SentSecrets): Column[] {
  if (columns.length > outsideLimits.columns) {
    throw new LatchworkError('upstream_error', {
      message: `There are ${columns.length} columns; at most ${outsideLimits.columns} can be read.`,
    })
  }
  const unfit = columns.find(({ name }) => name.length > outsideLimits.columnName)
  if (unfit !== undefined) {
    throw new LatchworkError('upstream_error', {
      message: `A column's name has ${unfit.name.length} characters; at most ${outsideLimits.columnName} can be read: ${unfit.name.slice(0, 40)}…`,
    })
  }
  return shownColumns(columns, sent)
}

export function shownPreview(found: PlannedPreview, sent: SentSecrets): PlannedPreview {
  return {
    sourceColumns: checkedColumns(found.sourceColumns, sent),
    targetColumns: checkedColumns(found.targetColumns, sent),
    notes: (found.notes ?? []).map((note) => outsideText(note, { ...sent, max: outsideLimits.message })),
    rows: found.rows.map((row) => ({
      before: shownRecord(row.before, sent),
      after: row.after === null ? null : shownRecord(row.after, sent),
      action: row.action,
      message:
        row.message === null ? null : outsideText(row.message, { ...sent, max: outsideLimits.message }),
    })),
  }
}

/** A key is never cut: one that is too long, or not a line of plain text, is left out. */
export function shownFound({ by, items, more }: FoundRecords, sent: SentSecrets): FoundRecords {
  const text = (value: string, max: number): string => outsideText(value, { ...sent, max })
  return {
    by: by.map(({ label, value }) => ({
      label: text(label, outsideLimits.name),
      value: text(value, outsideLimits.message),
    })),
    items: items
      .filter(({ key }) => text(key, outsideLimits.id) === key)
      .map(({ key, record, createdAt }) => ({
        ...{ key, createdAt, record: shownRecord(record, sent) },
      })),
    more,
  }
}
