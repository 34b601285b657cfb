import stringWidth from 'string-width'
import { clean, type Terminal } from './terminal.ts'

export interface Column<T> {
  readonly title: string
  cell(item: T): string
  /** The colour of the cell. */
  style?(item: T): Parameters<Terminal['paint']>[0] | undefined
  /** Never shortened: for ids, which people copy, and for short words. */
  readonly whole?: boolean
  /** Left out if there is no room. The column with the highest number goes first. */
  readonly spare?: number
}

const gap = '  '
const leastWidth = 6
/** A narrower column says little, so spare columns are left out before. */
const readableWidth = 14

/**
 * A table that fits the terminal. Spare columns are left out first, then the widest columns shrink; a shortened text
 * ends in an ellipsis.
 */
export function formatTable<T>(
  terminal: Terminal,
  allColumns: readonly Column<T>[],
  items: readonly T[],
): string[] {
  const columns = withRoom(allColumns, items, terminal.width)
  const cells = items.map((item) => columns.map((column) => clean(column.cell(item))))
  const natural = columns.map(({ title }, at) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[at] ?? ''))),
  )
  const widths = fit(
    natural,
    columns.map(({ whole }) => whole === true),
    terminal.width,
  )
  const line = (texts: readonly string[], paint: (text: string, at: number) => string) =>
    texts
      .map((text, at) => {
        const cut = shorten(text, widths[at] ?? 0)
        const last = at === texts.length - 1
        return paint(cut, at) + (last ? '' : ' '.repeat((widths[at] ?? 0) - stringWidth(cut)))
      })
      .join(gap)
      .trimEnd()
  return [
    line(
      columns.map(({ title }) => title),
      (text) => terminal.paint('dim', text),
    ),
    ...cells.map((row, index) =>
      line(row, (text, at) => {
        const item = items[index]
        const style = item === undefined ? undefined : columns[at]?.style?.(item)
        return style === undefined ? text : terminal.paint(style, text)
      }),
    ),
  ]
}

/** A name and a value, with an optional colour of the value. */
export type Detail = readonly [name: string, value: string, style?: Parameters<Terminal['paint']>[0]]

/** Aligned lines of a name and a value. Empty values are left out. */
export function formatDetails(terminal: Terminal, details: readonly Detail[]): string[] {
  const shown = details.filter(([, value]) => value !== '')
  const width = Math.max(...shown.map(([name]) => stringWidth(name)))
  return shown.map(([name, value, style]) => {
    const text = style === undefined ? clean(value) : terminal.paint(style, clean(value))
    return `${terminal.paint('dim', name.padEnd(width))}${gap}${text}`
  })
}

function withRoom<T>(all: readonly Column<T>[], items: readonly T[], room: number): readonly Column<T>[] {
  const needed = new Map(
    all.map((column) => {
      const texts = [column.title, ...items.map((item) => clean(column.cell(item)))]
      const width = Math.max(...texts.map((text) => stringWidth(text)))
      return [column, column.whole === true ? width : Math.min(width, readableWidth)]
    }),
  )
  let columns = all
  for (;;) {
    const sum = columns.reduce((total, column) => total + (needed.get(column) ?? 0), 0)
    const [first] = columns
      .filter(({ spare }) => spare !== undefined)
      .sort((a, b) => (b.spare ?? 0) - (a.spare ?? 0))
    if (sum + gap.length * (columns.length - 1) <= room || first === undefined) return columns
    columns = columns.filter((column) => column !== first)
  }
}

function fit(natural: readonly number[], whole: readonly boolean[], room: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - room
  while (excess > 0) {
    const widest = widths.reduce(
      (best, width, at) => (whole[at] !== true && width > (widths[best] ?? 0) ? at : best),
      whole.indexOf(false),
    )
    const width = widths[widest]
    if (width === undefined || width <= leastWidth) return widths
    widths[widest] = width - 1
    excess -= 1
  }
  return widths
}

const graphemes = new Intl.Segmenter()

/** Cuts text to `width` columns, with an ellipsis at the end. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(cut + segment) > width - 1) break
    cut += segment
  }
  return `${cut}…`
}
