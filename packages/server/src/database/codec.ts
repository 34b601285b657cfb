import type { ColumnType } from 'kysely'

/*
 * A codec says once, attribute by attribute, how an entity stands in its table. From it follow the row that the server
 * works with, the values for an insert and for a change, the table as Kysely sees it, and the conversion in both
 * directions.
 */

/** An attribute in one column of its own name. */
export interface Column<Value, Held> {
  readonly in: 'one'
  write(value: Value): Held
  /** @param place names the attribute in errors @throws LatchworkError `internal` for content that no server wrote */
  read(held: Held, place: string): Value
}

/** An attribute in several columns, or in one of another name. */
export interface Columns<Value, Held extends object> {
  readonly in: 'several'
  write(value: Value): Held
  read(held: Held, place: string): Value
}

export function column<Value, Held>(
  write: (value: Value) => Held,
  read: (held: Held, place: string) => Value,
): Column<Value, Held> {
  return { in: 'one', write, read }
}

export function columns<Value, Held extends object>(
  write: (value: Value) => Held,
  read: (held: Held, place: string) => Value,
): Columns<Value, Held> {
  return { in: 'several', write, read }
}

type Shape = Readonly<Record<string, Column<unknown, unknown> | Columns<unknown, object>>>

/** The attributes of an entity, by who gives them and when. */
interface Attributes<Fixed, Given, Optional, Own> {
  /** Given at the insert, never changed. */
  readonly fixed: Fixed
  /** Given at the insert and at a change. */
  readonly given: Given
  /** As `given`, but optional at the insert: the table has a default. */
  readonly optional: Optional
  /** Written by statements of the store alone; a caller's value is ignored. */
  readonly own: Own
}

type Values<S> = {
  readonly [N in keyof S]: S[N] extends Column<infer V, infer _>
    ? V
    : S[N] extends Columns<infer V, infer _ extends object>
      ? V
      : never
}
type Some<T> = { readonly [N in keyof T]?: T[N] | undefined }
/** Each column of the attributes, with what it holds. */
type Pair<S> = {
  [N in keyof S]: S[N] extends Column<infer _, infer Held>
    ? { readonly column: N & string; readonly held: Held }
    : S[N] extends Columns<infer _, infer Held extends object>
      ? { [C in keyof Held]: { readonly column: C & string; readonly held: Held[C] } }[keyof Held]
      : never
}[keyof S]
type Held<S> = { [P in Pair<S> as P['column']]: P['held'] }

/** @param table names it in errors */
export function codec<F extends Shape, G extends Shape, O extends Shape, S extends Shape>(
  table: string,
  { fixed, given, optional, own }: Attributes<F, G, O, S>,
) {
  type Row = Values<F & G & O & S>
  const all = Object.entries<Shape[string]>({ ...fixed, ...given, ...optional, ...own })
  const toAdd = Object.entries<Shape[string]>({ ...fixed, ...given, ...optional })
  const toChange = Object.entries<Shape[string]>({ ...given, ...optional })
  const write = (attributes: typeof all, values: object): object => {
    const written: Record<string, unknown> = {}
    for (const [name, attribute] of attributes) {
      const value: unknown = Reflect.get(values, name)
      if (value === undefined) continue
      if (attribute.in === 'one') written[name] = attribute.write(value)
      else Object.assign(written, attribute.write(value))
    }
    return written
  }
  // The loops do for each attribute what its type says; TypeScript can't follow that.
  return {
    toRow(record: Held<F & G & O & S>): Row {
      const read = ([name, attribute]: (typeof all)[number]) => {
        const place = `${table}.${name}`
        return [
          name,
          attribute.in === 'one'
            ? attribute.read(Reflect.get(record, name), place)
            : attribute.read(record, place),
        ]
      }
      return Object.fromEntries(all.map(read)) as Row
    },

    /** The columns of a new one. */
    toColumns: (row: Values<F & G> & Some<Values<O>>) => write(toAdd, row) as Held<F & G> & Partial<Held<O>>,

    /** The columns of a change; undefined leaves a column as it is. */
    toChangedColumns: (change: Some<Values<G & O>>) => write(toChange, change) as Partial<Held<G & O>>,
  }
}

interface AnyCodec {
  toRow(record: never): object
  toColumns(row: never): object
  toChangedColumns(change: never): object
}

/** What the server works with. */
export type RowOf<C extends AnyCodec> = ReturnType<C['toRow']>
/** What is given for a new one. */
export type NewOf<C extends AnyCodec> = Parameters<C['toColumns']>[0]
export type ChangeOf<C extends AnyCodec> = Parameters<C['toChangedColumns']>[0]

/** The table as Kysely sees it: columns with a default, and the store's own, need not be inserted. */
export type TableOf<C extends AnyCodec> = WithInsert<Parameters<C['toRow']>[0], ReturnType<C['toColumns']>>
type WithInsert<All, Given> = {
  [N in keyof All]: ColumnType<All[N], N extends keyof Given ? Given[N] : All[N] | undefined, All[N]>
}
