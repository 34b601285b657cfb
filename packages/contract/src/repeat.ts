import type { ConnectorDefinition, RecordWords } from './connector.ts'
import { counted } from './counted.ts'
import { type FieldValues, fieldValue } from './form.ts'

/** What is made again, and whether only of records without a key. */
export interface MadeAgain extends RecordWords {
  readonly unlessKeyed: boolean
}

/**
 * What a destination creates again whenever it is given the same records.
 * @param config the destination's form
 * @returns null: nothing, a run may be repeated at any time
 */
export function madeAgain({ destination }: ConnectorDefinition, config: FieldValues): MadeAgain | null {
  const repeat = destination?.repeat ?? null
  if (destination === null || repeat === null) return null
  if ('withoutKey' in repeat) return { ...repeat.withoutKey, unlessKeyed: true }
  const { of, words, createsWhen } = repeat
  const chosen = (field: string) => fieldValue(destination.fields, config, field)
  if (!createsWhen.values.includes(chosen(createsWhen.field))) return null
  return { ...(words[chosen(of)] ?? { one: 'record', many: 'records' }), unlessKeyed: false }
}

/** What running again would do, as a sentence. */
export function againSentence(count: number, words: RecordWords): string {
  return `This creates ${counted(count, words.one, words.many)} again.`
}

/** What a schedule would do, as a sentence. */
export function scheduleSentence({ one, unlessKeyed }: MadeAgain): string {
  const keyless = unlessKeyed ? ' without an id' : ''
  return `Every scheduled run creates a ${one} for each record${keyless} of its source, even if an earlier run has created it.`
}
