import { type Column, type DataRecord, LatchworkError, type MappingPair, valueIn } from '@latchwork/contract'
import type { AccountRules } from './account-rules.ts'
import { fieldValueOf, UnfitValue } from './field-values.ts'
import type { TargetObject } from './targets.ts'

export type WriteMode = 'create' | 'update' | 'upsert'

const writtenTexts = new Set(['name', 'description', 'title', 'note'])

/** What is to be done with one record. */
export type PlannedWrite =
  | { readonly action: 'create'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly action: 'update'; readonly id: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly action: 'refuse'; readonly message: string }

/** The rules that turn records into requests. */
export interface WriteRules {
  readonly object: TargetObject
  readonly mode: WriteMode
  readonly pairs: readonly { readonly from: string; readonly field: Column }[]
  readonly account: AccountRules
}

/**
 * Checks a mapping against what there is on both sides.
 * @throws LatchworkError `mapping_invalid`
 */
export function rulesOf(
  object: TargetObject,
  mode: WriteMode,
  mapping: readonly MappingPair[],
  columns: readonly Column[],
  targets: readonly Column[],
  account: AccountRules,
): WriteRules {
  const pairs = mapping.map(({ from, to }) => {
    if (!columns.some((column) => column.name === from)) throw badMapping(`The source has no column ${from}.`)
    const field = targets.find((candidate) => candidate.name === to)
    if (field === undefined)
      throw badMapping(`A ${object.word} in Close has no field ${to} that can be written.`)
    return { from, field }
  })
  return { object, mode, pairs, account }
}

function badMapping(message: string): LatchworkError {
  return new LatchworkError('mapping_invalid', {
    message,
    errors: [{ field: 'mapping', rule: 'mapping', message }],
  })
}

/** Plans one record by the rules. */
export function planWrite(record: DataRecord, rules: WriteRules): PlannedWrite {
  const { object, mode, account } = rules
  try {
    const fields = rules.pairs.map(({ from, field }) => {
      const value = fieldValueOf(valueIn(record, from), field)
      const rule = account.fields.get(field.name)
      return [field.name, rule === undefined ? value : isBlank(value) ? null : rule(value, field)] as const
    })
    account.checkTogether(Object.fromEntries(fields))
    const id = fields.find(([name]) => name === 'id')?.[1] ?? null
    const body = fields.filter(([name]) => name !== 'id')
    if (mode !== 'create' && typeof id === 'string' && id.trim() !== '') {
      // An empty value clears the field: Close's own texts by empty text, anything else by null.
      const changes = body
        .filter(([name]) => !object.createOnly.includes(name))
        .map(([name, value]) => [name, value === null && writtenTexts.has(name) ? '' : value] as const)
      return { action: 'update', id: id.trim(), body: Object.fromEntries(changes) }
    }
    if (mode === 'update') return { action: 'refuse', message: 'The record has no Close id to update by.' }
    const filled = Object.fromEntries(body.filter(([, value]) => !isBlank(value)))
    if (Object.keys(filled).length === 0) {
      return { action: 'refuse', message: 'The record has no value in any of the mapped columns.' }
    }
    const missing = missingIn(filled, object)
    return missing === null ? { action: 'create', body: filled } : { action: 'refuse', message: missing }
  } catch (error) {
    if (error instanceof UnfitValue) return { action: 'refuse', message: error.message }
    throw error
  }
}

/** What a new record lacks, as a sentence: Close would make a lead without a name of it, or for it. */
function missingIn(filled: Readonly<Record<string, unknown>>, { searchType }: TargetObject): string | null {
  switch (searchType) {
    case 'lead':
      return filled['name'] === undefined ? 'A lead needs a name.' : null
    case 'contact':
      return filled['lead_id'] === undefined && filled['name'] === undefined
        ? 'A contact needs the id of its lead, or a name.'
        : null
    case 'opportunity':
      return filled['lead_id'] === undefined ? 'An opportunity needs the id of its lead.' : null
  }
}

function isBlank(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}
