import { ColumnLook, type ReadAs, readAs } from './people-values.ts'

/** `text`: values stay as they are; `auto`: found by looking; else the style. */
export type StyleChoice = 'text' | 'auto' | ReadAs['style']

/** Finds out which columns hold numbers or dates as people write them, and how these are read. */
export class PeopleColumns {
  readonly #type: ReadAs['type']
  readonly #choice: StyleChoice
  readonly #looks: ColumnLook[]

  constructor(type: ReadAs['type'], choice: StyleChoice, columns: number) {
    this.#type = type
    this.#choice = choice
    this.#looks = choice === 'text' ? [] : Array.from({ length: columns }, () => new ColumnLook(type))
  }

  take(column: number, text: string, row: () => string): void {
    this.#looks[column]?.take(text, row)
  }

  /** How each column is read (undefined: as text), and what there is to say about it. */
  decide(names: readonly string[]): { readAs: readonly (ReadAs | undefined)[]; notes: string[] } {
    const auto = this.#choice === 'auto'
    const candidates = this.#looks.map((look) => (auto ? look.isSurelySigned : look.isSigned))
    const certain = this.#looks.flatMap((look, at) =>
      candidates[at] && look.styles.size === 1 ? [...look.styles] : [],
    )
    const agreed = new Set(certain).size === 1 ? certain[0] : undefined
    const chosen = this.#looks.map((look, at): ReadAs | undefined => {
      const wanted = auto ? styleOf(look, agreed) : this.#choice
      const style = [...look.styles].find((each) => each === wanted)
      return candidates[at] && style !== undefined ? { type: this.#type, style } : undefined
    })
    return { readAs: chosen, notes: this.#notes(names, candidates, chosen) }
  }

  /** A style was chosen by a person, and all values are plainly of the other one. */
  #isOtherThanChosen(look: ColumnLook): boolean {
    return this.#choice !== 'auto' && look.styles.size === 1 && look.example !== null
  }

  /** What was decided, with an example of each style, and what could not be. */
  #notes(
    names: readonly string[],
    candidates: readonly (boolean | undefined)[],
    chosen: readonly (ReadAs | undefined)[],
  ): string[] {
    const things = this.#type === 'number' ? 'Numbers' : 'Dates'
    const notes = [...new Set(chosen.flatMap((as) => (as === undefined ? [] : [as.style])))].map((style) => {
      const columns = chosen.flatMap((as, at) => (as?.style === style ? [at] : []))
      const example = this.#looks[columns[0] ?? 0]?.example ?? ''
      const value = readAs(example, { type: this.#type, style })
      return `${things}: “${example}” is read as ${value} (${listed(columns.map((at) => names[at] ?? ''))}).`
    })
    this.#looks.forEach((look, at) => {
      const name = names[at] ?? ''
      if (chosen[at] === undefined && candidates[at] && look.styles.size > 1) {
        const example = look.example ?? ''
        const [one, other] = [...look.styles].map((style) => readAs(example, { type: this.#type, style }))
        notes.push(
          `“${example}” in ${name} may be ${one} or ${other}, and stays text. Choose under ${things}.`,
        )
      } else if (chosen[at] === undefined && candidates[at] && this.#isOtherThanChosen(look)) {
        const thing = things.toLowerCase().slice(0, -1)
        notes.push(`“${look.example}” in ${name} is no such ${thing} as chosen, and stays text.`)
      } else if (look.isNearMiss && look.misfit !== null) {
        const { row, text } = look.misfit
        notes.push(`${name} stays text: ${row} has “${text.slice(0, 40)}”.`)
      }
    })
    return notes
  }
}

function styleOf(look: ColumnLook, agreed: ReadAs['style'] | undefined): ReadAs['style'] | undefined {
  if (look.styles.size === 1 || !look.isTwofold) return [...look.styles][0]
  // With dots, the day comes first wherever dates are written so.
  if (look.type === 'date' && look.example?.includes('.') === true) return 'dmy'
  return agreed
}

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}
