import { dayAt, type FieldValues, listOf } from '@latchwork/contract'
import type { Listed } from '../listed.ts'

/**
 * A stream that is read by a list, with the values of its parameters as Close's list takes them.
 * @param nowMs Close's time, from which days are counted back
 */
export function withParameters<T extends Listed>(row: T, values: FieldValues, nowMs: number): T {
  const given = (row.parameters ?? []).flatMap((parameter) => {
    const { name, kind } = parameter.field
    const value = values[name] ?? ''
    return value === '' ? [] : [{ parameter, value: kind === 'date' ? dayAt(value, nowMs) : value }]
  })
  const query = Object.assign({}, ...given.map(({ parameter, value }) => parameter.query?.(value) ?? {}))
  const parents = given.find(({ parameter }) => parameter.parents === true)
  const { reading } = row
  return {
    ...row,
    reading: {
      ...reading,
      query: { ...reading.query, ...query },
      ...(parents === undefined ? {} : { parents: listOf(parents.value) }),
    },
  }
}
