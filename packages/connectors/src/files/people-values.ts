import { type DecimalSign, type ExactNumber, peoplesNumber } from '@latchwork/contract'
import { isCalendarDay } from '../calendar-day.ts'

/** How a date is read: the order of day and month where the year stands last. */
export type DateOrder = 'dmy' | 'mdy'

const yearFirst = /^(\d{4})[./](\d{1,2})[./](\d{1,2})$/
const yearLast = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/

/** A date that a person wrote, as ISO 8601; null for text that is no such date in the calendar. */
function peoplesDate(text: string, order: DateOrder): string | null {
  const trimmed = text.trim()
  const first = yearFirst.exec(trimmed)
  if (first !== null) return isoDate(first[1], first[2], first[3])
  const last = yearLast.exec(trimmed)
  if (last === null) return null
  return order === 'dmy' ? isoDate(last[4], last[3], last[1]) : isoDate(last[4], last[1], last[3])
}

function isoDate(year = '', month = '', day = ''): string | null {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return isCalendarDay(date) ? date : null
}

/** What a column's values can be read as: numbers with a decimal sign, or dates in an order. */
export interface ReadAs {
  readonly type: 'number' | 'date'
  readonly style: DecimalSign | DateOrder
}

/** @returns the value; null where the text is no such value */
export function readAs(text: string, { style }: ReadAs): number | ExactNumber | string | null {
  return style === 'dmy' || style === 'mdy' ? peoplesDate(text, style) : peoplesNumber(text, style)
}

/** A value that says more than digits do: only columns with one are worth reading. */
const signs = { number: /[.,]|\d[\s'’]\d/, date: /./ } as const
/** As above, of what could not be a telephone number or a postal code as well. */
const sureSigns = { number: /[.,]/, date: /./ } as const

/** Values at a column's beginning that no style fits, until it is taken for text. */
const misfitsLooked = 20

/** Looks at the values of one column, and says which styles all of them can be read in. */
export class ColumnLook {
  readonly type: ReadAs['type']
  readonly styles: Set<ReadAs['style']>
  /** The first value that no style fits, and how many values one fits. */
  misfit: { readonly row: string; readonly text: string } | null = null
  fits = 0
  values = 0
  isSigned = false
  isSurelySigned = false
  /** Whether a value is another one in each of two styles. */
  isTwofold = false
  /** A value to show: one that can be read in one way only, else one that can in two, and rather a long one. */
  example: string | null = null
  #telling = 0

  constructor(type: ReadAs['type']) {
    this.type = type
    this.styles = new Set(stylesOf(type))
  }

  take(text: string, row: () => string): void {
    this.values += 1
    // A column of text is not looked at to its end.
    if (this.fits === 0 && this.values > misfitsLooked) return
    const read = stylesOf(this.type).map((style) => ({
      style,
      value: readAs(text, { type: this.type, style }),
    }))
    const fitting = read.filter(({ value }) => value !== null)
    for (const { style, value } of read) if (value === null) this.styles.delete(style)
    if (this.styles.size === 0) this.misfit ??= { row: row(), text }
    if (fitting.length === 0) return
    this.fits += 1
    const isTwofold = new Set(fitting.map(({ value }) => String(value))).size > 1
    this.isTwofold ||= isTwofold
    const isSigned = signs[this.type].test(text)
    const telling = !isSigned
      ? 0
      : (fitting.length === 1 ? 200 : isTwofold ? 100 : 0) + Math.min(text.length, 20)
    if (telling > this.#telling) {
      this.#telling = telling
      this.example = text
    }
    this.isSigned ||= isSigned
    this.isSurelySigned ||= sureSigns[this.type].test(text)
  }

  /** Most values are such values, and at least one is not. */
  get isNearMiss(): boolean {
    return this.styles.size === 0 && this.isSurelySigned && this.fits * 2 >= this.values
  }
}

function stylesOf(type: ReadAs['type']): readonly ReadAs['style'][] {
  return type === 'number' ? ['point', 'comma'] : ['dmy', 'mdy']
}
