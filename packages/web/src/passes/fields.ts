import type { PassField } from '@latchwork/contract'

/* What the field of the form offers, in which the fields of an object are chosen. */

export interface FieldChoice {
  readonly value: string
  readonly label: string
  /** Small, below the label: how Close's API calls it, and what is odd about it. */
  readonly second: string
}

const fieldName = /^[A-Za-z][\w.]{0,99}$/
const allCustom: PassField = { name: 'custom', label: 'All custom fields' }

/** Whether the names that somebody typed, or put there, can be added: several stand apart by commas or spaces. */
export function typedNames(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '')
  return names.every((name) => fieldName.test(name)) ? names : []
}

/**
 * @param known null: nobody could say what there is
 * @param typed what stands in the field: it can be added where no choice is called so
 */
export function fieldChoices(
  known: readonly PassField[] | null,
  chosen: readonly string[],
  typed: string,
): FieldChoice[] {
  const fields = known === null ? [allCustom] : [allCustom, ...known]
  const names = new Set(fields.map(({ name }) => name))
  const choices = fields.map(({ name, label }) => ({ value: name, label, second: name }))
  const others = chosen
    .filter((name) => !names.has(name))
    .map((name) => ({ value: name, label: name, second: known === null ? '' : goneWords(name) }))
  const isThere = (name: string) => names.has(name) || chosen.includes(name)
  const added = typedNames(typed).filter((name) => !isThere(name))
  const add =
    added.length === 0 ? [] : [{ value: added.join(' '), label: `Add ${added.join(', ')}`, second: '' }]
  return [...choices, ...others, ...add]
}

/** What is not among those that we know: the account no longer has it, or Close documents it elsewhere. */
function goneWords(name: string): string {
  return name.startsWith('custom.') ? 'Close no longer has this field' : 'Not among the documented fields'
}

/** Whether a choice is found by what was typed: by its label or by its name. */
export function isFound({ value, label }: FieldChoice, typed: string): boolean {
  const words = typed.trim().toLocaleLowerCase()
  return [value, label].some((text) => text.toLocaleLowerCase().includes(words))
}
