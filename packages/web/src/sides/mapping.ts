import type { Column } from '@latchwork/contract'

/** One column of the source and the field of the destination that its value goes into. */
export interface MappingPair {
  readonly from: string
  readonly to: string
}

/** Reads a `mapping` field's value. Whatever isn't a list of pairs is an empty mapping. */
export function parseMapping(text: string | undefined): MappingPair[] {
  if (text === undefined || text.trim() === '') return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isPair).map(({ from, to }) => ({ from, to })) : []
  } catch {
    return []
  }
}

export function formatMapping(pairs: readonly MappingPair[]): string {
  return JSON.stringify(pairs)
}

function isPair(value: unknown): value is MappingPair {
  return (
    typeof value === 'object' &&
    value !== null &&
    'from' in value &&
    'to' in value &&
    typeof value.from === 'string' &&
    typeof value.to === 'string'
  )
}

/** Names that differ in spelling only: case, spaces, underscores, accents. */
function wordsOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

/** Pairs every target with the column of the same name or label, each column and target at most once. */
export function suggestMapping(columns: readonly Column[], targets: readonly Column[]): MappingPair[] {
  const pairs: MappingPair[] = []
  const used = new Set<string>()
  const rounds: ((column: Column, target: Column) => boolean)[] = [
    (column, target) => column.name === target.name,
    (column, target) => wordsOf(column.name) === wordsOf(target.name),
    (column, target) => wordsOf(column.label) === wordsOf(target.label),
    (column, target) =>
      wordsOf(column.name) === wordsOf(target.label) || wordsOf(column.label) === wordsOf(target.name),
  ]
  for (const matches of rounds) {
    for (const target of targets) {
      if (pairs.some((pair) => pair.to === target.name)) continue
      const column = columns.find((candidate) => !used.has(candidate.name) && matches(candidate, target))
      if (column === undefined) continue
      used.add(column.name)
      pairs.push({ from: column.name, to: target.name })
    }
  }
  return targets.flatMap((target) => pairs.filter((pair) => pair.to === target.name))
}

/** What is wrong with a mapping, in words; null if nothing is. */
export function mappingFault(pairs: readonly MappingPair[]): string | null {
  if (pairs.length === 0) return 'Map at least one column to a field.'
  if (pairs.some((pair) => pair.from === '' || pair.to === '')) {
    return 'Choose a column and a field in every row, or remove the row.'
  }
  const twice = pairs.find((pair, index) => pairs.findIndex((other) => other.to === pair.to) !== index)
  return twice === undefined ? null : `Two columns go into “${twice.to}”. Keep one of them.`
}
