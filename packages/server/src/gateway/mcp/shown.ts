import { ExactNumber, outsideText } from '@latchwork/contract'

/* Records of Close as a model is shown them: cut to a size, and said what is left out. */

/** About 5,000 words of a model. */
export const mostCharacters = 20_000
/** Texts in records are cut to these lengths, in turn, until all fits. */
const rowTexts = [2000, 500, 200, 80]
const recordTexts = [mostCharacters - 2000, ...rowTexts]
const mostDepth = 20

export interface Shown {
  readonly json: string
  /** How many records of a list are in it. */
  readonly rows: number
  /** What is missing and how to get it, in sentences. */
  readonly notes: readonly string[]
}

/** As many records of a list as fit, from its beginning. */
export function shownRows(rows: readonly unknown[]): Shown {
  for (const most of rowTexts) {
    const cut = new TextCut(most)
    const shown = rows.map((row) => JSON.stringify(cut.of(row)))
    if (length(shown) <= mostCharacters) return { json: list(shown), rows: rows.length, notes: cut.notes() }
  }
  const cut = new TextCut(rowTexts.at(-1) ?? 0)
  const shown: string[] = []
  for (const row of rows) {
    shown.push(JSON.stringify(cut.of(row)))
    if (length(shown) > mostCharacters) break
  }
  if (shown.length > 1) shown.pop()
  const [only = '[]'] = shown
  if (shown.length === 1 && only.length > mostCharacters) {
    const { json, notes } = shownRecord(rows[0])
    return { json: list([json]), rows: 1, notes }
  }
  return { json: list(shown), rows: shown.length, notes: cut.notes() }
}

/** A record; the largest of its fields are left out until it fits. */
export function shownRecord(record: unknown): Shown {
  for (const most of recordTexts) {
    const cut = new TextCut(most)
    const json = JSON.stringify(cut.of(record)) ?? 'null'
    if (json.length <= mostCharacters) return { json, rows: 1, notes: cut.notes() }
  }
  const cut = new TextCut(recordTexts.at(-1) ?? 0)
  const parts = Object.entries(cut.of(record) ?? {}).map(([name, value]) => ({
    name,
    json: `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  }))
  const left: string[] = []
  const bySize = [...parts].sort((a, b) => b.json.length - a.json.length)
  let size = parts.reduce((sum, { json }) => sum + json.length + 1, 2)
  for (const { name, json } of bySize) {
    if (size <= mostCharacters) break
    size -= json.length + 1
    left.push(name)
  }
  const json = `{${parts
    .filter(({ name }) => !left.includes(name))
    .map((part) => part.json)
    .join(',')}}`
  const named = left.map((name) => outsideText(name, { max: 100 })).slice(0, 20)
  const note = `Left out because they are too large: ${named.join(', ')}. Ask for one alone with "fields".`
  return { json, rows: 1, notes: [...cut.notes(), note] }
}

/** Cuts the texts of a value, and drops characters that nobody sees: a text could speak to a model in them. */
class TextCut {
  readonly #most: number
  #isCut = false

  constructor(most: number) {
    this.#most = most
  }

  of(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') {
      if (value.length > this.#most) this.#isCut = true
      return outsideText(value, { max: this.#most, lines: true })
    }
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return value
    if (depth >= mostDepth) {
      this.#isCut = true
      return '…'
    }
    if (Array.isArray(value)) return value.map((each) => this.of(each, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        outsideText(name, { max: 200 }),
        this.of(each, depth + 1),
      ]),
    )
  }

  notes(): string[] {
    if (!this.#isCut) return []
    return [
      `Texts longer than ${this.#most} characters are cut; they end in "…". To see one, get its record with "fields".`,
    ]
  }
}

function list(rows: readonly string[]): string {
  return `[${rows.join(',\n')}]`
}

function length(rows: readonly string[]): number {
  return rows.reduce((sum, row) => sum + row.length + 2, 2)
}
