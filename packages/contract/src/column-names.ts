/* What the columns of a stream are called in a destination: the one rule of it. */

/** PostgreSQL cuts longer names silently. */
export const maxColumnBytes = 63

/** A column as its source names it, and as people do. */
interface Called {
  readonly name: string
  readonly label: string
}

/**
 * A name for each column, by the source's name, that no other one has, whatever the case of its letters: lower case, `a` to
 * `z`, digits and `_`, at most 63 of them, and no word that SQL keeps for itself.
 *
 * A name that can stay as it is stays (`date_created`). Otherwise the label says it: "Number of seats", which Close names by
 * an id, becomes `number_of_seats`, and a second one `number_of_seats_2`. Where name and label are one, people have called it
 * so themselves, as in the header of a file: it stays, whatever it is.
 * @param given names that stand, by the source's name, also of columns that are not among these
 * @param others names that none of them may have
 */
export function columnNames(
  columns: readonly Called[],
  given: ReadonlyMap<string, string> = new Map(),
  others: readonly string[] = [],
): Map<string, string> {
  const taken = new Set([...given.values(), ...others].map((name) => name.toLowerCase()))
  const names = new Map<string, string>()
  const claim = (column: Called, name: string): void => {
    names.set(column.name, name)
    taken.add(name.toLowerCase())
  }
  const isFree = (name: string): boolean => !taken.has(name) && !isReserved(name)
  for (const column of columns) {
    const own = given.get(column.name)
    if (own !== undefined) claim(column, own)
  }
  const exactly = new Set([...given.values(), ...others])
  for (const column of columns) {
    const { name, label } = column
    if (!names.has(name) && name === label && !exactly.has(name)) claim(column, name)
  }
  for (const column of columns) {
    if (!names.has(column.name) && isPlain(column.name) && isFree(column.name)) claim(column, column.name)
  }
  for (const column of columns) {
    if (names.has(column.name)) continue
    const wanted = wordsOf(column)
    // What SQL keeps for itself is told apart from it; what another column has is counted.
    const base = isReserved(wanted) ? `${wanted}_` : wanted
    let name = base
    for (let count = 2; !isFree(name); count += 1) name = ended(base, `_${count}`)
    claim(column, name)
  }
  return names
}

function isPlain(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name) && name.length <= maxColumnBytes
}

function wordsOf({ name, label }: Called): string {
  if (isPlain(name)) return name
  const words = plainWords(label) || plainWords(name) || 'column'
  return ended(/^\d/.test(words) ? `_${words}` : words, '')
}

/** Cut so that the ending has room. */
function ended(name: string, ending: string): string {
  return `${name.slice(0, maxColumnBytes - ending.length).replace(/_+$/, '')}${ending}`
}

/** Words in letters of the Latin alphabet, `_` between them; empty if nothing is left. */
export function plainWords(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/./gsu, (letter) => spelled.get(letter) ?? letter)
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/./gsu, (letter) => spelled.get(letter) ?? letter)
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
}

/** Whether SQL, PostgreSQL or a destination of ours keeps a word for itself. */
export function isReserved(word: string): boolean {
  return reserved.has(word)
}

/** Letters that do not come apart into one of ours and a mark, as they are spelled: `letter=spelling`. */
const spelled: ReadonlyMap<string, string> = new Map(
  [
    'ß=ss æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ı=i ħ=h ŋ=ng ŧ=t &=_and_ %=_percent_',
    'а=a б=b в=v г=g ґ=g д=d е=e ё=yo є=ye ж=zh з=z и=i і=i ї=yi й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u',
    'ў=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya ђ=dj ј=j љ=lj њ=nj ћ=c џ=dz',
    'α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o',
  ]
    .flatMap((line) => line.split(' '))
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(2)]),
)

/**
 * Words that can't name a column without quotes in PostgreSQL, its columns of its own, and ours.
 * @see https://www.postgresql.org/docs/current/sql-keywords-appendix.html (reserved)
 * @see https://www.postgresql.org/docs/current/ddl-system-columns.html
 */
const reserved: ReadonlySet<string> = new Set(
  [
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation',
    'column concurrently constraint create cross current_catalog current_date current_role current_schema current_time',
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze',
    'from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit',
    'localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references',
    'returning right select session_user similar some symmetric system_user table tablesample then to trailing true union',
    'unique user using variadic verbose when where window with',
    'oid tableoid xmin cmin xmax cmax ctid',
    '_synced_at _deleted_at _latchwork_row',
  ].flatMap((line) => line.split(' ')),
)
