import {
  type FieldDefinition,
  type FieldValues,
  filledIn,
  type Problem,
  readFields,
} from '@latchwork/contract'

/** Faults that the page can tell without asking the server: field name to sentence. */
export function faultsOf(fields: readonly FieldDefinition[], config: FieldValues): Record<string, string> {
  const { faults } = readFields(fields, filledIn(fields, config))
  return Object.fromEntries(faults.map(({ field, message }) => [field, message]))
}

/** The values of the fields that are drawn: what was typed into a field that is hidden again isn't sent. */
export function configToSend(
  fields: readonly FieldDefinition[],
  config: FieldValues,
): Record<string, string> {
  return filledIn(fields, config)
}

/** Faults of single fields by the field's name, whether the server calls it `config.file` or `file`. */
export function fieldFaults(problem: Problem): Record<string, string> {
  const named = Map.groupBy(problem.errors ?? [], ({ field }) => field.replace(/^(?:\w+\.)?config\./, ''))
  const faults = [...named].map(([field, all]) => [field, all.map(({ message }) => message).join(' ')])
  return { ...(problem.code === 'name_taken' ? { name: problem.detail } : {}), ...Object.fromEntries(faults) }
}
