import type { FieldDefinition, Problem } from '@latchwork/contract'
import { type FieldValues, faultSentence, fieldFault, isFieldVisible } from '../ui/field-rules.ts'
import { mappingFault, parseMapping } from './mapping.ts'

/** Faults that the page can tell without asking the server: field name to sentence. */
export function faultsOf(fields: readonly FieldDefinition[], config: FieldValues): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const field of fields) {
    if (!isFieldVisible(field, config)) continue
    const value = config[field.name] ?? ''
    const fault = field.kind === 'mapping' ? mappingFault(parseMapping(value)) : fieldFault(field, value)
    if (fault !== null) faults[field.name] = faultSentence(field.label, fault)
  }
  return faults
}

/** The values of the fields that are drawn: what was typed into a field that is hidden again isn't sent. */
export function configToSend(
  fields: readonly FieldDefinition[],
  config: FieldValues,
): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter((field) => isFieldVisible(field, config))
      .map((field) => [field.name, config[field.name] ?? ''] as const)
      .filter(([, value]) => value !== ''),
  )
}

/** Faults of single fields by the field's name, whether the server calls it `config.file` or `file`. */
export function fieldFaults(problem: Problem): Record<string, string> {
  const named = (problem.errors ?? []).map(({ field, message }) => [
    field.replace(/^(?:\w+\.)?config\./, ''),
    message,
  ])
  return { ...(problem.code === 'name_taken' ? { name: problem.detail } : {}), ...Object.fromEntries(named) }
}
