import {
  type BudgetConsumer,
  type BudgetGroup,
  type BudgetLimit,
  type CredentialBudget,
  counted,
  limitOfSpan,
} from '@latchwork/contract'
import type { Bar } from '../ui/Bars.tsx'
import { formatCount } from '../ui/number-words.ts'
import { ownSeries } from '../ui/theme.ts'
import { timeOfDay } from '../ui/time-words.ts'

type By = CredentialBudget['by']
type Span = CredentialBudget['spans'][number]

export const spanWords: Readonly<Record<By, { readonly last: string; readonly bar: string }>> = {
  minute: { last: 'the last hour', bar: 'a minute' },
  hour: { last: 'the last day', bar: 'an hour' },
}

/** A limit that is further away is told in words: beside its line the bars would be no more than dots. */
const mostTimes = 4

/** One who has a name is named by it; these are not. */
const whoWords: Readonly<Record<BudgetConsumer['kind'], string>> = {
  flow: 'A flow',
  pass: 'A pass',
  checks: 'Checks of credentials',
  page: 'Previews and choices in the page',
  others: 'Others',
}

export function whoOf({ kind, name }: BudgetConsumer): string {
  return name ?? whoWords[kind]
}

/** The bars, and where the limit is drawn; undefined: not at all. */
export function budgetBars(
  { by, consumers, spans }: CredentialBudget,
  limit: BudgetLimit | null,
): { bars: Bar[]; line: number | undefined } {
  const most = Math.max(1, ...spans.map(({ requests }) => requests))
  const allowed = limit === null ? null : limitOfSpan(limit, by)
  const isNear = allowed !== null && allowed <= mostTimes * most
  const top = isNear ? Math.max(most, allowed) : most
  return {
    bars: spans.map((span) => ({
      id: span.at,
      ...(span.putOff > 0 ? { tone: 'warning' as const, mark: '!' } : { tone: 'neutral' as const, mark: '' }),
      height: span.requests / top,
      parts: partsOf(span.byConsumer),
      words: barWords(span, consumers),
    })),
    line: isNear ? allowed / top : undefined,
  }
}

/** Those without a colour of their own are one part. */
export function partsOf(byConsumer: readonly number[]): { series: number; size: number }[] {
  const own = byConsumer.slice(0, ownSeries)
  const rest = byConsumer.slice(ownSeries).reduce((sum, size) => sum + size, 0)
  return [...own, rest].flatMap((size, series) => (size === 0 ? [] : [{ series, size }]))
}

/** "10:15: 12 requests (Nightly 10, Checks of credentials 2), 3 told to wait" */
function barWords(span: Span, consumers: readonly BudgetConsumer[]): string {
  const who = consumers.flatMap((consumer, index) => {
    const size = span.byConsumer[index] ?? 0
    return size === 0 ? [] : [`${whoOf(consumer)} ${formatCount(size)}`]
  })
  const shown = [...who.slice(0, ownSeries), ...(who.length > ownSeries ? ['…'] : [])]
  const of = shown.length === 0 ? '' : ` (${shown.join(', ')})`
  return `${timeOfDay(Date.parse(span.at))}: ${requestWords(span.requests)}${of}${putOffWords(span)}`
}

/** What was used, and how near that is to the limit, as sentences. */
export function budgetWords({ by, spans }: CredentialBudget, limit: BudgetLimit | null): string {
  const { last } = spanWords[by]
  const sum = (of: 'requests' | 'waited' | 'putOff') => spans.reduce((all, each) => all + each[of], 0)
  const waited = sum('waited') === 0 ? '' : `, ${formatCount(sum('waited'))} of them waited for their turn`
  const later = putOffWords({ putOff: sum('putOff') })
  const used = `${capitalized(requestWords(sum('requests')))} in ${last}${waited}${later}.`
  if (limit === null) return used
  const allowed = limitOfSpan(limit, by)
  const most = Math.max(...spans.map(({ requests }) => requests))
  const part = `${Math.round((100 * most) / Math.max(1, allowed))} %`
  return `${used} The busiest ${by} had ${formatCount(most)}, ${part} of what Close allows.`
}

/** "Close allows 20 requests a second with this key, and 60 with all keys of the organization." */
export function limitWords({ limit, organizationLimit }: BudgetGroup): string {
  if (limit === null) return 'Close has not named a limit for these endpoints.'
  const all =
    organizationLimit === null
      ? ''
      : `, and ${formatCount(organizationLimit.requests)} with all keys of the organization`
  const window = limit.windowSeconds === 1 ? 'a second' : `in ${limit.windowSeconds} seconds`
  return `Close allows ${requestWords(limit.requests)} ${window} with this key${all}.`
}

function requestWords(count: number): string {
  if (count === 0) return 'no requests'
  return counted(count, 'request')
}

function putOffWords({ putOff }: Pick<Span, 'putOff'>): string {
  return putOff === 0 ? '' : `, ${formatCount(putOff)} told to wait`
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
