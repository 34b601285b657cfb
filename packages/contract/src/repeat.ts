import type { ConnectorDefinition } from './connector.ts'
import { type FieldValues, fieldValue } from './form.ts'

/** What a record is called: "lead", "leads". */
export interface RecordWords {
  readonly one: string
  readonly many: string
}

/**
 * What a destination creates again whenever it is given the same records.
 * @param config the destination's form
 * @returns null: nothing, a run may be repeated at any time
 */
export function madeAgain({ destination }: ConnectorDefinition, config: FieldValues): RecordWords | null {
  const repeat = destination?.repeat ?? null
  if (destination === null || repeat === null) return null
  const { of, words, createsWhen } = repeat
  const chosen = (field: string) => fieldValue(destination.fields, config, field)
  if (!createsWhen.values.includes(chosen(createsWhen.field))) return null
  return words[chosen(of)] ?? { one: 'record', many: 'records' }
}

/** What running again would do, as a sentence. */
export function againSentence(count: number, words: RecordWords): string {
  return `This creates ${count} ${count === 1 ? words.one : words.many} again.`
}

/** What a schedule would do, as a sentence. */
export function scheduleSentence({ one }: RecordWords): string {
  return `Every scheduled run creates a ${one} for each record of its source, even if an earlier run has created it.`
}
