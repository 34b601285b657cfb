import { type FieldDefinition, LatchworkError, type ReadOptions, readFields } from '@latchwork/contract'
import type { Config } from './interface.ts'

/**
 * The values of a form that a connector is opened with, defaults included.
 * @param own faults that only the connector knows
 * @throws LatchworkError `invalid_input`, a fault a field
 */
export function readConfig(
  fields: readonly FieldDefinition[],
  config: Config,
  own: NonNullable<ReadOptions['own']>,
): Config {
  const { values, faults } = readFields(fields, config, { own })
  const [first] = faults
  if (first === undefined) return values
  throw new LatchworkError('invalid_input', { message: first.message, errors: faults })
}
