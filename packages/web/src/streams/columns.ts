import {
  allColumns,
  type Column,
  columnFaults,
  columnNames,
  type FlowColumn,
  givenNameFault,
  givenNames,
  selectedColumns,
} from '@latchwork/contract'

/** The columns of a stream as they are picked. */
export interface PickedColumns {
  /** Null: all, also those that the source gets later. */
  readonly ticked: ReadonlySet<string> | null
  /** Names in the destination that somebody has typed, by the source's names. */
  readonly given: ReadonlyMap<string, string>
}

export function pickedOf(columns: readonly FlowColumn[]): PickedColumns {
  const names = selectedColumns(columns)
  return { ticked: names.length === 0 ? null : new Set(names), given: givenNames(columns) }
}

/** As a flow has them. */
export function columnsOfPicked({ ticked, given }: PickedColumns): FlowColumn[] {
  const renamed = [...given].map(([name, as]) => ({ name, as }))
  if (ticked === null) return renamed.length === 0 ? [] : [allColumns, ...renamed]
  return [...ticked].map((name) => {
    const as = given.get(name)
    return as === undefined ? name : { name, as }
  })
}

export function withTick(
  picked: PickedColumns,
  all: readonly Column[],
  names: readonly string[],
  isOn: boolean,
): PickedColumns {
  const ticked = new Set(picked.ticked ?? all.map(({ name }) => name))
  for (const name of names) {
    if (isOn) ticked.add(name)
    else ticked.delete(name)
  }
  // In the order of the source, whatever was ticked first.
  const order = [...all.map(({ name }) => name), ...ticked]
  return { ...picked, ticked: new Set(order.filter((name) => ticked.has(name))) }
}

/** @param as blank: as the rule says */
export function withName(picked: PickedColumns, name: string, as: string): PickedColumns {
  const given = new Map(picked.given)
  if (as.trim() === '') given.delete(name)
  else given.set(name, as)
  return { ...picked, given }
}

/** What is wrong with the name of a column, as the rest of a sentence; null if nothing. */
export function nameFault(picked: PickedColumns, name: string): string | null {
  const as = picked.given.get(name)
  if (as === undefined) return null
  const columns = [...picked.given].map(([each, to]) => ({ name: each, as: to }))
  const clash = columnFaults(columns).find(({ index }) => columns[index]?.name === name)
  return givenNameFault(as) ?? clash?.message ?? null
}

/** Why the columns can't be read so, as a sentence; null if they can. */
export function pickFault(picked: PickedColumns): string | null {
  if (picked.ticked?.size === 0) return 'Choose at least one column.'
  const isWrong = [...picked.given.keys()].some((name) => nameFault(picked, name) !== null)
  return isWrong ? 'Change the name that is marked.' : null
}

/**
 * What each column is called in the destination where nobody types a name.
 * @param called what they are called already
 */
export function usualNames(
  columns: readonly Column[],
  picked: PickedColumns,
  called: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  return columnNames(columns, new Map([...called, ...picked.given]))
}

/** The columns whose name, label or name in the destination has all words. */
export function found(
  columns: readonly Column[],
  given: ReadonlyMap<string, string>,
  words: string,
): Column[] {
  const asked = words.toLowerCase().split(/\s+/)
  return columns.filter(({ name, label }) => {
    const text = [name, label, given.get(name) ?? ''].join(' ').toLowerCase()
    return asked.every((word) => text.includes(word))
  })
}

/** What a flow reads of a stream's columns, in a few words. */
export function columnWords(columns: readonly FlowColumn[]): string {
  const { ticked, given } = pickedOf(columns)
  const count = ticked === null ? 'All columns' : ticked.size === 1 ? 'One column' : `${ticked.size} columns`
  if (given.size === 0) return count
  return `${count}, ${given.size} with ${given.size === 1 ? 'a name' : 'names'} of your own`
}
