import { columnNames, isReserved, plainWords } from './column-names.ts'
import { type FlowStreams, type Lists, type OfferedStream, ownName, streamLabel } from './flow-streams.ts'

/**
 * What each stream of "everything" is called in a destination, by the source's name for it: by the rule of columns
 * (`columnNames`). So a stream of every account keeps its own name (`leads`), and a type that an account has made, which
 * Close names by an id, is called as people call it: "Onboarding call" becomes `onboarding_call`. A label that can't name
 * a table as it is gets a word before it: `records_order`, `records_2026_plans`.
 * @param known names that stand, also of streams that are not offered any more
 */
export function streamTargets(
  offered: readonly Pick<OfferedStream, 'name' | 'label'>[],
  known: ReadonlyMap<string, string>,
  { lists }: Lists = {},
): Map<string, string> {
  const words = new Map(offered.map((stream) => [stream.name, wordsOf(stream)]))
  const stand = [
    ...known.values(),
    ...offered.flatMap(({ name }) => (words.get(name) === name ? [name] : [])),
  ]
  // The table of a list is called as that of its records, with the list behind it.
  const isOfList = (own: string) =>
    lists === 'tables' &&
    ([...stand, ...words.values()].some((other) => own.startsWith(`${other}_`)) ||
      stand.some((other) => other.startsWith(`${own}_`)))
  const called = offered.map(({ name, label }) => {
    const own = words.get(name) ?? name
    const needsWord = own !== name && (isUnfit(own) || isOfList(own))
    return { name, label: needsWord ? `records ${own}` : label }
  })
  return columnNames(called, known)
}

/**
 * What a flow reads, with a name in the destination for each type that an account has made and nobody has named: beside
 * others it would be called by its id.
 */
export function withTargets<T extends FlowStreams | null>(streams: T, known: ReadonlyMap<string, string>): T {
  if (streams === null || streams.everything || streams.chosen.length === 1) return streams
  const { chosen } = streams
  const given = chosen.flatMap(({ stream, target }): [string, string][] =>
    target === null ? [] : [[stream, target]],
  )
  const all = chosen.map((choice) => ({ name: ownName(choice.stream), label: streamLabel(choice) }))
  const targets = streamTargets(
    all,
    new Map([...known, ...given]),
    chosen.find(({ lists }) => lists),
  )
  const isNamed = ({ stream, target }: (typeof chosen)[number]) =>
    target !== null || ownName(stream) !== stream
  const named = chosen.map((choice) => {
    const target = targets.get(choice.stream) ?? null
    return isNamed(choice) || target === choice.stream ? choice : { ...choice, target }
  })
  return { ...streams, chosen: named }
}

function wordsOf({ name, label }: Pick<OfferedStream, 'name' | 'label'>): string {
  return plainWords(name) === name ? name : plainWords(label) || plainWords(name)
}

/** PostgreSQL has the names that begin with `pg_`, and one that begins with a digit needs quotes. */
function isUnfit(words: string): boolean {
  return isReserved(words) || /^(\d|pg_)/.test(words)
}
