import type { enumerations, SearchCondition, SearchQuery } from '@latchwork/close'
import type { FieldDefinition, FieldOption } from '@latchwork/contract'
import type { ChoiceList } from './choice-list.ts'

/** How a search keeps to a parameter. */
export type Keeping =
  /** By a field of the record itself. */
  | { readonly by: 'field'; readonly name: string; readonly condition: (values: string[]) => SearchCondition }
  /** By custom fields: what is chosen names them. */
  | { readonly by: 'query'; readonly query: (values: string[]) => SearchQuery }
  /** By the query of a smart view: of the records themselves, or of their leads. */
  | { readonly by: 'view'; readonly of: 'record' | 'lead' }
  /** By the kinds of record that are searched for. */
  | { readonly by: 'kinds' }

/** What a flow may say of how a stream of Close is read. */
export interface Parameter {
  readonly field: FieldDefinition
  /** The account's list that its choices come from. */
  readonly choices?: ChoiceList
  /** Of a stream that is read by search. */
  readonly keeping?: Keeping
  /** Whether a record that is kept now can be left out later, or the other way round. Never so of what does not change. */
  readonly changes: boolean
  /** Whether more than the record decides: it can be kept or left out without a change of its date. */
  readonly fromOutside?: true
  /** Of any other stream: as Close's list or report takes it. */
  readonly query?: (value: string) => Readonly<Record<string, string>>
  /** Only the records that belong to one of these are asked for. */
  readonly parents?: true
}

type Words = Pick<FieldDefinition, 'label' | 'help'>

/** A field that may be left blank. */
export function field(name: string, kind: FieldDefinition['kind'], { label, help }: Words): FieldDefinition {
  return { name, label, kind, required: false, ...(help === undefined ? {} : { help }) }
}

/** Choices of the account, of which any number are kept. */
export function chosen(
  name: string,
  words: Words,
  choices: ChoiceList,
  referenceType: string | null,
  changes = true,
): Parameter {
  return {
    field: { ...field(name, 'multiselect', words), optionsFrom: 'account' },
    choices,
    changes,
    keeping: {
      by: 'field',
      name,
      condition: (ids) =>
        referenceType === null
          ? { type: 'term', values: ids }
          : { type: 'reference', reference_type: referenceType, object_ids: ids },
    },
  }
}

export const user = (label: string, name = 'user_id'): Parameter =>
  chosen(name, { label, help: 'Leave it blank for everybody.' }, 'users', 'user_or_group')

/**
 * Records by the people in their custom fields. Close has no other owner of a lead.
 * @param of what the fields belong to. A choice is the id of a field and that of a user, with a colon between.
 */
export const ownerIn = (of: 'lead' | 'contact' | 'opportunity'): Parameter => ({
  field: {
    ...field('owner', 'multiselect', {
      label: 'Owner',
      help: 'The people in custom fields of type User, such as Lead Owner. Leave it blank for everybody.',
    }),
    optionsFrom: 'account',
  },
  choices: { usersIn: of },
  changes: true,
  keeping: { by: 'query', query: holdingOne },
})

function holdingOne(values: readonly string[]): SearchQuery {
  const fields = Map.groupBy(
    values.map((value) => value.split(':')),
    ([id = '']) => id,
  )
  return {
    type: 'or',
    queries: [...fields].map(([custom_field_id, chosenOf]) => ({
      type: 'field_condition',
      field: { type: 'custom_field', custom_field_id },
      condition: {
        type: 'reference',
        reference_type: 'user_or_group',
        object_ids: chosenOf.map(([, person = '']) => person),
      },
    })),
  }
}

/** Choices that Close documents, of which any number are kept. */
export function oneOf(
  name: string,
  label: string,
  values: readonly string[],
  changes: boolean,
  help?: string,
): Parameter {
  return {
    field: {
      ...field(name, 'multiselect', help === undefined ? { label } : { label, help }),
      options: optionsOf(values),
    },
    changes,
    keeping: { by: 'field', name, condition: (chosenOf) => ({ type: 'term', values: chosenOf }) },
  }
}

/** A yes or no of the record. */
export function yesOrNo(name: string, label: string, words: { yes: string; no: string }): Parameter {
  return {
    field: {
      ...field(name, 'select', { label }),
      options: [
        { value: 'true', label: words.yes },
        { value: 'false', label: words.no },
      ],
    },
    changes: true,
    keeping: {
      by: 'field',
      name,
      condition: ([value]) => ({ type: 'boolean', value: value === 'true' }),
    },
  }
}

/** A yes or no that Close finds out, such as by the time that has passed. */
export const foundYesOrNo = (...words: Parameters<typeof yesOrNo>): Parameter => {
  const parameter = yesOrNo(...words)
  const help = 'Each run reads all of it: what enters and leaves it can’t be told from changes.'
  return { ...parameter, field: { ...parameter.field, help }, fromOutside: true }
}

/** The records that a smart view shows. @param type what Close calls its records */
export function smartView(type: (typeof enumerations.SavedSearchType)[number]): Parameter {
  return {
    field: {
      ...field('smart_view', 'select', {
        label: 'Smart view',
        help: 'Only what this smart view shows, whatever its limit. Each run reads all of it: what enters and leaves it can’t be told from changes.',
      }),
      optionsFrom: 'account',
    },
    choices: { smartViews: type },
    changes: true,
    keeping: { by: 'view', of: 'record' },
  }
}

/** The records of the leads that a smart view shows. */
export const leadSmartView: Parameter = {
  field: {
    ...field('lead_smart_view', 'select', {
      label: 'Smart view of leads',
      help: 'Only what belongs to the leads of this smart view. Each run reads all of it.',
    }),
    optionsFrom: 'account',
  },
  choices: { smartViews: 'lead' },
  changes: true,
  keeping: { by: 'view', of: 'lead' },
}

/** A parameter that Close's list takes as it is. */
export function listed(parameter: Omit<Parameter, 'changes' | 'query' | 'keeping'>, as?: string): Parameter {
  const name = as ?? parameter.field.name
  return { ...parameter, changes: true, query: (value) => ({ [name]: value }) }
}

/** One choice of the account, as a list takes it. */
export const listedChoice = (name: string, words: Words, choices: ChoiceList, as = name): Parameter =>
  listed({ field: { ...field(name, 'select', words), optionsFrom: 'account' }, choices }, as)

/** One documented choice, as a list takes it. */
const listedOneOf = (
  name: string,
  words: Words,
  values: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Parameter => listed({ field: { ...field(name, 'select', words), options: optionsOf(values, labels) } })

export const listedYesOrNo = (name: string, label: string, words: { yes: string; no: string }): Parameter =>
  listedOneOf(name, { label }, ['true', 'false'], { true: words.yes, false: words.no })

/** Some choices, as a list takes them: with commas. */
export const listedSome = (name: string, label: string, values: readonly string[], as: string): Parameter =>
  listed({ field: { ...field(name, 'multiselect', { label }), options: optionsOf(values) } }, as)

export function optionsOf(
  values: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): FieldOption[] {
  return values.map((value) => ({ value, label: labels[value] ?? wordsOf(value) }))
}

/** `activity.whatsapp_message` as a person says it. */
export function wordsOf(value: string): string {
  const words = value.replace(/^[a-z]+[.]/, '').replaceAll(/[_-]/g, ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
    .replace('Sms', 'SMS')
    .replace('Whatsapp', 'WhatsApp')
}
