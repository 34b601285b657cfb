import type { enumerations, SearchCondition } from '@latchwork/close'
import type { FieldDefinition, FieldOption } from '@latchwork/contract'
import type { ChoiceList } from './choice-list.ts'

/** How a search keeps to a parameter. */
export type Keeping =
  /** By a field of the record itself. */
  | { readonly by: 'field'; readonly name: string; readonly condition: (values: string[]) => SearchCondition }
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
  /** Of any other stream: as Close's list or report takes it. */
  readonly query?: (value: string) => Readonly<Record<string, string>>
  /** Only the records that belong to one of these are asked for. */
  readonly parents?: true
}

type Words = Pick<FieldDefinition, 'label' | 'help'>

const dayMs = 86_400_000

/** The begin of a day in UTC, some days later. */
function midnight(day: string, days = 0): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString()
}

const moment = (value: string) => ({ type: 'fixed_utc', value }) as const

function field(name: string, kind: FieldDefinition['kind'], { label, help }: Words): FieldDefinition {
  return { name, label, kind, required: false, ...(help === undefined ? {} : { help }) }
}

const from = field('created_from', 'date', {
  label: 'Created from',
  help: 'Only records that were created on this day or later. Days begin at midnight UTC.',
})
const to = field('created_to', 'date', { label: 'Created until', help: 'This day is included.' })

/** Records that were created in a range of days, by search. */
export const created: readonly Parameter[] = [
  {
    field: from,
    changes: false,
    keeping: {
      by: 'field',
      name: 'date_created',
      condition: ([day = '']) => ({ type: 'moment_range', on_or_after: moment(midnight(day)) }),
    },
  },
  {
    field: to,
    changes: false,
    keeping: {
      by: 'field',
      name: 'date_created',
      condition: ([day = '']) => ({ type: 'moment_range', before: moment(midnight(day, 1)) }),
    },
  },
]

/** The same by a list that takes bounds of a date. */
export const listedFrom = (dateField: 'date_created' | 'date_updated'): readonly Parameter[] => [
  { field: from, changes: false, query: (day) => ({ [`${dateField}__gte`]: midnight(day) }) },
  { field: to, changes: false, query: (day) => ({ [`${dateField}__lt`]: midnight(day, 1) }) },
]

/** The range of a report. */
export const reported: readonly Parameter[] = [
  {
    field: field('date_start', 'date', { label: 'From', help: 'Leave both days blank for all time.' }),
    changes: false,
    query: (day) => ({ date_start: day }),
  },
  {
    field: field('date_end', 'date', { label: 'Until', help: 'This day is included.' }),
    changes: false,
    query: (day) => ({ date_end: day }),
  },
]

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
