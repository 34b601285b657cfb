import { type CloseClient, type CustomField, isCloseError, type Pipeline, paginate } from '@latchwork/close'
import { type Column, isNumeric } from '@latchwork/contract'
import { isCalendarDay } from '../calendar-day.ts'
import { fieldWords, UnfitValue } from './field-values.ts'
import type { TargetObject } from './targets.ts'

/** A value as it is sent. @throws UnfitValue if Close would refuse it */
export type FieldRule = (value: unknown, field: Column) => unknown

/** What can be known of an account before a record is sent to it. */
export interface AccountRules {
  /** By the names of fields. One that is missing takes all that its type does. */
  readonly fields: ReadonlyMap<string, FieldRule>
  /** @throws UnfitValue if values that are each right don't go together */
  checkTogether(values: Readonly<Record<string, unknown>>): void
}

/** A name as the account spells it, and what is sent for it. */
type Choice = readonly [name: string, sent: string]

/**
 * Reads what an account takes in the fields that are mapped; the rest is not asked for. What the credential may not read
 * is left to Close to judge.
 * @throws CloseError
 */
export async function readAccountRules(
  client: CloseClient,
  { searchType }: TargetObject,
  custom: readonly CustomField[],
  mapped: ReadonlySet<string>,
): Promise<AccountRules> {
  const isMapped = (...names: string[]) => names.some((name) => mapped.has(name))
  const own = custom.filter(({ id }) => mapped.has(`custom.${id}`))
  const users =
    isMapped('user_id') || own.some(({ type }) => type === 'user')
      ? await readIfAllowed(paginate(client.users.list, { _limit: 100 }))
      : null
  const names = users?.flatMap((user): Choice[] => [
    [user.id, user.id],
    [fullName(user), user.id],
  ])
  const fields = new Map<string, FieldRule | null>(
    own.map((field) => [`custom.${field.id}`, customRule(field, names ?? null)]),
  )
  let pipelines: Pipeline[] | null = null
  if (searchType === 'lead' && isMapped('status', 'status_id')) {
    const statuses = await readIfAllowed(paginate(client.leadStatuses.list, { _limit: 100 }))
    const labels = (statuses ?? []).flatMap(({ label = '' }): Choice[] => [[label, label]])
    if (statuses !== null) {
      fields.set('status', oneOf(labels, `a lead status of this account (${listed(labels)})`))
      fields.set('status_id', idOf('a lead status', statuses))
    }
  }
  if (searchType === 'opportunity') {
    if (isMapped('status_id', 'pipeline_id'))
      pipelines = await readIfAllowed(paginate(client.pipelines.list, {}))
    if (pipelines !== null) {
      fields.set('pipeline_id', idOf('a pipeline', pipelines))
      fields.set(
        'status_id',
        idOf(
          'an opportunity status',
          pipelines.flatMap(({ statuses = [] }) => statuses),
        ),
      )
    }
    if (users !== null) fields.set('user_id', idOf('a user', users))
    const periods = ['one_time', 'monthly', 'annual'].map((name): Choice => [name, name])
    fields.set('value_period', oneOf(periods, `one of ${listed(periods)}`))
    fields.set(
      'value',
      whole('a whole number', () => true),
    )
    fields.set(
      'confidence',
      whole('a whole number from 0 to 100', (number) => number >= 0 && number <= 100),
    )
    fields.set('date_won', day)
  }
  return {
    fields: new Map([...fields].flatMap(([name, rule]) => (rule === null ? [] : [[name, rule]]))),
    checkTogether: (values) => checkPipeline(pipelines ?? [], values),
  }
}

/** A whole list, or null if the credential may not read it. */
async function readIfAllowed<T>(list: AsyncIterable<T>): Promise<T[] | null> {
  const whole: T[] = []
  try {
    for await (const each of list) whole.push(each)
    return whole
  } catch (error) {
    if (isCloseError(error) && ['forbidden', 'not_found', 'plan_limit'].includes(error.code)) return null
    throw error
  }
}

function customRule(field: CustomField, users: readonly Choice[] | null): FieldRule | null {
  const rule = valueRule(field, users)
  if (rule === null || field.accepts_multiple_values !== true) return rule
  return (value, column) =>
    Array.isArray(value) ? value.map((each) => rule(each, column)) : rule(value, column)
}

function valueRule({ type, choices }: CustomField, users: readonly Choice[] | null): FieldRule | null {
  switch (type) {
    case 'choices': {
      if (choices == null) return null
      const names = choices.map((name): Choice => [name, name])
      return oneOf(names, `one of its choices (${listed(names)})`)
    }
    case 'user':
      return users === null ? null : oneOf(users, 'a user of this account, by id or full name')
    case 'date':
      return day
    case 'datetime':
      return moment
    default:
      return null
  }
}

const mostListed = 10

function listed(choices: readonly Choice[]): string {
  const names = choices.slice(0, mostListed).map(([name]) => name)
  return `${names.join(', ')}${choices.length > mostListed ? ', …' : ''}`
}

function oneOf(choices: readonly Choice[], what: string): FieldRule {
  const exact = new Map(choices)
  const folded = new Map(choices.map(([name, sent]) => [name.toLowerCase(), sent]))
  return textRule(what, (text) => exact.get(text) ?? folded.get(text.toLowerCase()) ?? null)
}

function idOf(thing: string, all: readonly { readonly id: string }[]): FieldRule {
  const ids = new Set(all.map(({ id }) => id))
  return textRule(`the id of ${thing} of this account`, (text) => (ids.has(text) ? text : null))
}

const day = textRule('a date like 2026-01-31', (text) => (isCalendarDay(text) ? text : null))

const moments = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const moment = textRule('a moment like 2026-01-31T10:00:00Z', (text) =>
  isCalendarDay(moments.exec(text)?.[1] ?? '') ? text : null,
)

function whole(what: string, fits: (number: number) => boolean): FieldRule {
  return (value, field) => {
    if (isNumeric(value) && Number.isInteger(Number(value)) && fits(Number(value))) return value
    throw unfit(field, what, value)
  }
}

/** @param read what is sent for a text without the blanks around it; null if it is refused */
function textRule(what: string, read: (text: string) => string | null): FieldRule {
  return (value, field) => {
    const sent = typeof value === 'string' ? read(value.trim()) : null
    if (sent === null) throw unfit(field, what, value)
    return sent
  }
}

function unfit(field: Column, what: string, value: unknown): UnfitValue {
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return new UnfitValue(`${fieldWords(field)} takes ${what}, and “${shown.slice(0, 40)}” is none.`)
}

function checkPipeline(pipelines: readonly Pipeline[], values: Readonly<Record<string, unknown>>): void {
  const { status_id: statusId, pipeline_id: pipelineId } = values
  const wanted = pipelines.find(({ id }) => id === pipelineId)
  const owner = pipelines.find(({ statuses = [] }) => statuses.some(({ id }) => id === statusId))
  if (wanted === undefined || owner === undefined || wanted === owner) return
  const status = owner.statuses?.find(({ id }) => id === statusId)
  throw new UnfitValue(
    `The status ${status?.label ?? status?.id} belongs to the pipeline ${owner.name ?? owner.id}, not to ${wanted.name ?? wanted.id}.`,
  )
}

function fullName({
  first_name,
  last_name,
}: {
  first_name?: string | null
  last_name?: string | null
}): string {
  return [first_name, last_name].filter((name) => name != null && name !== '').join(' ')
}
