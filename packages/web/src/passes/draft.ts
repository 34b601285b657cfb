import {
  faultSentence,
  type Pass,
  type PassCreate,
  type PassGrants,
  type PassRules,
  passCreateSchema,
  passObject,
  passObjectNames,
  passObjectWord,
  passPresets,
  presetOf,
} from '@latchwork/contract'
import { type Until, untilFault, untilMs } from './until.ts'

/** A pass as it stands in the form, new or being changed. */
export interface PassDraft {
  readonly credentialId: string | null
  /** Null: nobody has typed one, so the suggested one counts. */
  readonly name: string | null
  readonly purpose: string
  readonly rules: PassRules
  /** The boxes are shown, even where a preset says the same. */
  readonly byObject: boolean
  /** Endpoints by hand as they are typed, one a line: `GET /lead/{id}/`. */
  readonly paths: string
  readonly until: Until
  readonly perSecond: string
  readonly perDay: string
  readonly addresses: readonly string[]
  readonly confirmWrites: boolean
}

export const newDraft: PassDraft = {
  credentialId: null,
  name: null,
  purpose: '',
  rules: { objects: {} },
  byObject: false,
  paths: '',
  until: { kind: '30', date: '', why: '' },
  perSecond: '',
  perDay: '',
  addresses: [],
  confirmWrites: false,
}

export function draftOf(pass: Pass): PassDraft {
  const { paths = [], ...rules } = pass.rules
  const kind = pass.expiresAt === null ? 'never' : 'unchanged'
  return {
    credentialId: pass.credential.id,
    name: pass.name,
    purpose: pass.purpose,
    rules,
    byObject: presetOf(pass.rules.objects) === null,
    paths: paths.map(({ method, path }) => `${method} ${path}`).join('\n'),
    until: { kind, date: '', why: pass.neverBecause ?? '' },
    perSecond: pass.perSecond?.toString() ?? '',
    perDay: pass.perDay?.toString() ?? '',
    addresses: pass.addresses,
    confirmWrites: pass.confirmWrites,
  }
}

/** Where in the form something is wrong. */
export type Place =
  | 'credentialId'
  | 'name'
  | 'purpose'
  | 'objects'
  | 'smartView'
  | 'fields'
  | 'paths'
  | 'until'
  | 'perSecond'
  | 'perDay'
  | 'addresses'
export type Faults = Readonly<Partial<Record<Place, string>>>

/** What a part of the form is given. */
export interface PartProps {
  draft: PassDraft
  faults: Faults
  onChange(change: Partial<PassDraft>): void
}

const labels: Readonly<Record<Place, string>> = {
  credentialId: 'Credential',
  name: 'Name',
  purpose: 'Purpose',
  objects: 'What it may do',
  smartView: 'The smart view',
  fields: 'A field',
  paths: 'An endpoint',
  until: 'Until',
  perSecond: 'Requests a second',
  perDay: 'Requests a day',
  addresses: 'An address',
}

/** Where a field of the request stands in the form: `rules.fields.lead` is among the fields. */
export function placeOf(field: string): Place {
  const [first = '', second = ''] = field.split('.')
  if (first === 'rules')
    return second === 'smartView' || second === 'fields' || second === 'paths' ? second : 'objects'
  if (first === 'expiresAt' || first === 'neverBecause') return 'until'
  return isPlace(first) ? first : 'objects'
}

function isPlace(name: string): name is Place {
  return Object.hasOwn(labels, name)
}

/** What the form sends, and what is wrong with it; the body is null while something is. */
export function readDraft(
  draft: PassDraft,
  suggestedName: string,
  nowMs: number,
): { readonly body: PassCreate | null; readonly faults: Faults } {
  const end = untilMs(draft.until, nowMs)
  const parsed = passCreateSchema.safeParse({
    name: draft.name ?? suggestedName,
    purpose: draft.purpose,
    credentialId: draft.credentialId ?? '',
    rules: rulesOf(draft),
    ...(end === undefined ? {} : { expiresAt: end === null ? null : new Date(end).toISOString() }),
    neverBecause: draft.until.kind === 'never' ? draft.until.why : null,
    perSecond: numberOf(draft.perSecond),
    perDay: numberOf(draft.perDay),
    addresses: draft.addresses,
    confirmWrites: draft.confirmWrites,
  })
  const found = parsed.error?.issues ?? []
  const faults: Partial<Record<Place, string>> = {}
  for (const { path, message } of found.toReversed()) {
    const place = placeOf(path.join('.'))
    faults[place] = sentences[place] ?? faultSentence(labels[place], message)
  }
  if (draft.credentialId === null) faults.credentialId = 'Choose the credential that it uses.'
  if (isEmpty(rulesOf(draft))) faults.objects = 'Choose what it may do.'
  const until = untilFault(draft.until, nowMs)
  if (until !== null) faults.until = until
  const isFine = parsed.success && Object.keys(faults).length === 0
  return { body: isFine ? parsed.data : null, faults }
}

/** What a person is told where the schema speaks of numbers and patterns. */
const sentences: Faults = {
  perSecond: 'Requests a second is a number from 0.1 to 1,000, or blank.',
  perDay: 'Requests a day is a whole number up to 10,000,000, or blank.',
  paths: 'Write each endpoint as a method and a path, such as GET /lead/{id}/.',
  fields: 'A field is called as in Close’s API: name, status_id, or custom for all custom fields.',
}

/** The rules as they are sent: without limits of objects that it may not touch, and without limits that say nothing. */
export function rulesOf({ rules, paths }: PassDraft): PassRules {
  const fields = Object.entries(rules.fields ?? {}).filter(
    ([name, limit]) => Object.hasOwn(rules.objects, name) && (limit?.read ?? limit?.write ?? null) !== null,
  )
  const lines = paths.split('\n').map((line) => line.trim())
  const byHand = lines.flatMap((line) => {
    const [method = '', ...rest] = line.split(/\s+/)
    return line === '' ? [] : [{ method: method.toUpperCase(), path: rest.join(' ') }]
  })
  return {
    ...rules,
    ...(rules.fields === undefined ? {} : { fields: Object.fromEntries(fields) }),
    // What is no method, the schema refuses.
    ...(byHand.length === 0 ? {} : { paths: byHand as PassRules['paths'] }),
  }
}

export function isEmpty({ objects, paths = [] }: PassRules): boolean {
  return Object.keys(objects).length === 0 && paths.length === 0
}

function numberOf(typed: string): number | null {
  const text = typed.trim()
  return text === '' ? null : Number(text.replace(',', '.'))
}

/** What a pass that nobody named is called: "Read-only, Sales team". */
export function suggestedName(objects: PassGrants, credentialName: string | null): string {
  const what = whatWords(objects)
  return what === '' ? '' : [what, ...(credentialName === null ? [] : [credentialName])].join(', ')
}

function whatWords(objects: PassGrants): string {
  const preset = presetOf(objects)
  if (preset !== null) return passPresets[preset].label
  const names = passObjectNames.filter((name) => objects[name] !== undefined)
  const [first, second] = names
  if (first === undefined) return ''
  const { label } = passObject(first)
  if (second === undefined) return label
  return `${label} and ${names.length === 2 ? passObjectWord(second) : `${names.length - 1} more`}`
}
