import { isCloseError } from '@latchwork/close'
import type { Column } from '@latchwork/contract'
import type { RefusedRecord } from '../interface.ts'
import { fieldWords } from './field-values.ts'

export function refusal(index: number, message: string): RefusedRecord {
  return { index, code: 'record_refused', message }
}

/** Close names fields as programs do. */
function withLabels(message: string, fields: readonly Column[]): string {
  const words = new Map(fields.map((field) => [field.name, fieldWords(field)]))
  return message.replaceAll(/(?<![\w.(])(?:custom\.)?\w+/g, (name) => {
    const known = words.get(name)
    // A word of the sentence is no field: those have an underscore or a dot in their names.
    return known === undefined || !/[._]/.test(name) ? name : known
  })
}

/** Close's message about the one record that it refuses. @throws an error that is not about the record */
export function refusalMessage(error: unknown, fields: readonly Column[]): string {
  if (!isCloseError(error)) throw error
  switch (error.code) {
    case 'invalid':
    case 'not_found':
    case 'forbidden':
    case 'plan_limit': {
      const faults = Object.entries(error.fieldErrors ?? {}).map(([field, message]) => `${field}: ${message}`)
      return withLabels(faults.length === 0 ? error.message : faults.join(' '), fields)
    }
    default:
      if (error.status === 413) return error.message
      throw error
  }
}

/** Whether Close has carried out what was asked: only its answer is more than is taken. */
export function isDone(error: unknown): boolean {
  return isCloseError(error) && error.code === 'too_large' && (error.status ?? 0) < 300
}
