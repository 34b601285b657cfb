import type { PlannedColumn } from '@latchwork/connectors'
import {
  type Column,
  type ColumnChoice,
  type ColumnNaming,
  type ColumnType,
  columnHolds,
  columnNames,
  columnTypeSchema,
  type FieldFault,
  LatchworkError,
  type RunNotice,
} from '@latchwork/contract'
import type { PlannedColumns } from '@latchwork/sync'
import type { StoredColumn } from '../database/stream-tables.ts'

/* What the columns of a stream are called in a flow's destination, and what becomes of one that changes. */

export interface ColumnRules {
  readonly naming: ColumnNaming
  /** The columns that the flow names; empty: all. */
  readonly chosen: readonly string[]
  /** What people have called columns, by the source's names. */
  readonly given: ReadonlyMap<string, string>
  /** Columns have types on both sides: one whose type changes is not written before somebody has decided. */
  readonly typed: boolean
}

/** What a stream's run makes of its columns, and what is remembered of them. */
export interface NextColumns extends PlannedColumns {
  readonly stored: readonly StoredColumn[]
}

/**
 * Compares the columns that are read now with those of the last run. What stands keeps its name.
 * @param before empty: there was no run
 */
export function nextColumns(
  before: readonly StoredColumn[],
  now: readonly Column[],
  rules: ColumnRules,
): NextColumns {
  const names = namesOf(before, now, rules)
  const had = new Map(before.map((column) => [column.name, column]))
  const read = now.map((column) => {
    const old = had.get(column.name)
    return keep(old, column, names.get(column.name) ?? column.name, rules.typed)
  })
  const reads = new Set(now.map(({ name }) => name))
  const gone = before.filter(({ name }) => !reads.has(name)).map((column) => ({ ...column, gone: true }))
  const never = rules.chosen.filter((name) => !reads.has(name) && !had.has(name))
  const changed = read.filter(({ changedTo }) => changedTo !== null)
  return {
    columns: read.map((column, at) => ({ ...planned(column), ...typeOf(column, now[at] ?? column) })),
    notices: [
      ...(before.length === 0 ? [] : noticesOf(had, read, gone, rules.typed)),
      ...never.map((name) => noticeOf(name, neverThere(name))),
    ],
    held: changed.length === 0 ? null : heldFor(changed),
    stored: [...read, ...gone],
  }
}

function namesOf(
  before: readonly StoredColumn[],
  now: readonly Column[],
  { naming, given }: ColumnRules,
): ReadonlyMap<string, string> {
  const left = new Map(before.map((column) => [column.name, column.left]))
  const wanted = new Map([...given].filter(([name, as]) => left.get(name)?.includes(as) !== true))
  const takers = new Map([...wanted].map(([name, as]) => [as.toLowerCase(), name]))
  const stand = new Map(
    before
      .filter(({ name, as }) => (takers.get(as.toLowerCase()) ?? name) === name)
      .map(({ name, as }): [string, string] => [name, as]),
  )
  for (const [name, as] of wanted) stand.set(name, as)
  if (naming === 'source') return new Map(now.map(({ name }) => [name, stand.get(name) ?? name]))
  return columnNames(now, stand, [...left.values()].flat())
}

function keep(old: StoredColumn | undefined, column: Column, as: string, typed: boolean): StoredColumn {
  const { name, label, type } = column
  if (old === undefined) {
    const fresh = { name, as, label, type, gone: false, changedTo: null, was: [], left: [] }
    return typed ? { ...fresh, isNew: true } : fresh
  }
  const was = old.as === as ? old.was : [...old.was.filter((each) => each !== as), old.as]
  const has = old.holds ?? old.type
  const isHeld = typed && !columnHolds(has, type)
  const next = isHeld ? { type: old.type, changedTo: type } : { type, changedTo: null }
  const holds = has === 'text' && !isHeld ? { holds: has } : {}
  return { ...old, ...next, ...holds, as, label, was, gone: false }
}

/** As it is made: where it is to hold two types, it holds both. */
function typeOf(
  { holds }: Pick<StoredColumn, 'holds'>,
  { type, items }: Pick<Column, 'type' | 'items'>,
): Pick<Column, 'type' | 'items'> {
  return { type: holds === 'text' ? holds : type, ...(items !== undefined && { items }) }
}

function planned({ name, label, type, as, was, left, isNew }: StoredColumn): PlannedColumn {
  return {
    ...{ name, label, type },
    ...(as !== name && { as }),
    ...(was.length > 0 && { was }),
    ...(left.length > 0 && { left }),
    ...(isNew && { isNew }),
  }
}

function noticeOf(column: string, message: string): RunNotice {
  return { code: 'schema_changed', column, count: 1, message }
}

function neverThere(name: string): string {
  return `The source has no column ${name}, which this flow has chosen: it is left out. Choose the columns of the stream again.`
}

function noticesOf(
  had: ReadonlyMap<string, StoredColumn>,
  read: readonly StoredColumn[],
  gone: readonly StoredColumn[],
  typed: boolean,
): RunNotice[] {
  const ofRead = read.flatMap((column) => {
    const { name, as, label, type } = column
    const old = had.get(name)
    if (old === undefined || old.gone)
      return [noticeOf(name, `“${label}” is read from now on. Its column is ${as}.`)]
    const isRenamed = old.label !== label
    const isChanged = old.type !== type
    return [
      ...(isRenamed ? [noticeOf(name, `“${old.label}” is called “${label}” now. Its column is ${as}.`)] : []),
      ...(isChanged
        ? [noticeOf(name, `${changeOf(label, old.type, type)}.${typed ? ' Its column holds both.' : ''}`)]
        : []),
    ]
  })
  const ofGone = gone
    .filter(({ name }) => had.get(name)?.gone === false)
    .map(({ name, label, as }) =>
      noticeOf(name, `“${label}” is not read any more.${typed ? ` What ${as} has stays there.` : ''}`),
    )
  return [...ofRead, ...ofGone]
}

const typeWords: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'yes or no',
  date: 'a date',
  time: 'a time',
  json: 'a list or an object',
}

function changeOf(label: string, from: ColumnType, to: ColumnType): string {
  return `“${label}” was ${typeWords[from]} and is ${typeWords[to]} now`
}

function heldFor(changed: readonly StoredColumn[]): LatchworkError {
  const sentences = changed
    .slice(0, 3)
    .map(({ label, type, changedTo }) => `${changeOf(label, type, changedTo ?? type)}.`)
  const more = changed.length > 3 ? [`So it is with ${changed.length - 3} more.`] : []
  return new LatchworkError('schema_change_held', {
    message: [
      ...sentences,
      ...more,
      'Choose on the page of the flow: a new column beside the one of before, or the same column for both.',
    ].join(' '),
  })
}

/** Calls the columns as people call them now. */
export function withNewNames(
  columns: readonly StoredColumn[],
  given: ReadonlyMap<string, string>,
): StoredColumn[] {
  const gone = columns.filter((column) => column.gone)
  const stand = new Map([...gone.map(({ name, as }): [string, string] => [name, as]), ...given])
  const names = columnNames(
    columns.filter((column) => !column.gone),
    stand,
    columns.flatMap(({ left }) => left),
  )
  return columns.map((column) => {
    const as = names.get(column.name) ?? column.as
    if (as === column.as) return column
    return { ...column, as, was: [...column.was.filter((each) => each !== as), column.as] }
  })
}

/** Decides what becomes of a column whose type has changed. @throws {LatchworkError} `column_unchanged` */
export function decided(
  columns: readonly StoredColumn[],
  { column: name, choice }: Pick<ColumnChoice, 'column' | 'choice'>,
): StoredColumn[] {
  const found = columns.find((column) => column.name === name)
  const type = found?.changedTo ?? null
  if (found === undefined || type === null) throw new LatchworkError('column_unchanged')
  const { label, as: before } = found
  const others = columns.flatMap(({ as, left }) => [as, ...left])
  // Named by its label: the name of the source is the other one's.
  const both = { name: `${name}: ${type}`, label: `${label} ${type}` }
  const as = columnNames([both], new Map(), others).get(both.name) ?? before
  const { holds: _, isNew: __, ...known } = found
  const next: StoredColumn = { ...known, type, changedTo: null }
  const own: StoredColumn =
    choice === 'same_column'
      ? { ...next, holds: 'text' }
      : { ...next, as, was: [], left: [...found.left, before] }
  return columns.map((column) => (column === found ? own : column))
}

/** What the destination says of columns that the flow wrote to it for the first time: it has them, or it holds another type. */
export function met(columns: readonly StoredColumn[], held: readonly FieldFault[]): StoredColumn[] {
  return columns.map(({ isNew: _, ...column }) => {
    const fault = held.find(({ field }) => field === column.name)
    const there = columnTypeSchema.safeParse(fault?.rule)
    return there.success ? { ...column, type: there.data, changedTo: column.type } : column
  })
}
