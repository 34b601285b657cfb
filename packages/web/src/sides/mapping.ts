import { type Column, type MappingPair, readMapping } from '@latchwork/contract'

/** Reads a `mapping` field's value. A value that isn't a list of pairs is an empty mapping. */
export function parseMapping(text: string | undefined): readonly MappingPair[] {
  return readMapping(text ?? '') ?? []
}

export function formatMapping(pairs: readonly MappingPair[]): string {
  return JSON.stringify(pairs)
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
