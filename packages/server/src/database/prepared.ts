import type { Compilable, CompiledQuery } from 'kysely'
import type { Database } from './database.ts'

/** Shapes that are kept of one query. */
const most = 200

interface Written<Row> {
  readonly query: CompiledQuery<Row>
  /** For each parameter the number of the value that it is; -1: it is always the same. */
  readonly places: readonly number[]
}

/**
 * A query that Kysely writes once, and not each time: that costs more than what SQLite does for it.
 * @param shapeOf names what the text of the query depends on
 * @param write must use each value as a parameter, and for nothing else
 */
export function prepared<Of, Row>(
  tables: Pick<Database['tables'], 'executeQuery'>,
  shapeOf: (of: Of) => string,
  write: (values: readonly string[], of: Of) => Compilable<Row>,
): (values: readonly string[], of: Of) => Promise<Row[]> {
  const written = new Map<string, Written<Row>>()
  const writeNow = (count: number, of: Of): Written<Row> => {
    const names = Array.from({ length: count }, (_, index) => `\0${index}`)
    const query = write(names, of).compile()
    const numbers = new Map<unknown, number>(names.map((name, index) => [name, index]))
    const places = query.parameters.map((parameter) => numbers.get(parameter) ?? -1)
    if (names.some((_, index) => !places.includes(index))) throw new Error('a value is no parameter')
    return { query, places }
  }
  return async (values, of) => {
    const shape = `${values.length} ${shapeOf(of)}`
    const known = written.get(shape) ?? writeNow(values.length, of)
    if (written.size >= most) written.clear()
    written.set(shape, known)
    const { query, places } = known
    const parameters = places.map((place, index) => values[place] ?? query.parameters[index])
    const { rows } = await tables.executeQuery<Row>({ ...query, parameters })
    return rows
  }
}
