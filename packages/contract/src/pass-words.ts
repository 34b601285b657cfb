import type { FieldLimit, PassRules, PassSmartView } from './pass.ts'
import { type PassGrants, type PassVerb, passObject, passObjectNames, passVerbs } from './pass-objects.ts'

/** What a pass may do and what not, each as a sentence that a tired person understands. */
export function passWords(
  rules: PassRules,
  confirmWrites = false,
): { readonly may: string; readonly mayNot: string } {
  const { objects, fields = {}, paths = [], smartView } = rules
  const may = phrases(objects, (held, verb) => held.includes(verb))
  const limits = [
    ...(smartView === undefined ? [] : [viewWords(smartView)]),
    ...Object.entries(fields).flatMap(([name, limit]) => fieldWords(name, limit)),
    ...(confirmWrites ? ['Each write waits until a person confirms it.'] : []),
    ...(paths.length === 0
      ? []
      : [`Also ${paths.map(({ method, path }) => `${method} ${path}`).join(', ')}.`]),
  ]
  const mayText = may.length === 0 ? 'May do nothing.' : `May ${may.join('; ')}.`
  const mayNot = [mayNotWords(objects), smartView === undefined ? '' : viewDenials(smartView)]
  return { may: [mayText, ...limits].join(' '), mayNot: mayNot.filter((words) => words !== '').join(' ') }
}

function viewWords({ id, name = id, newLeads }: PassSmartView): string {
  const words = `Of leads, and of what belongs to them, only what the smart view “${name}” shows.`
  return newLeads === true ? `${words} New leads may be outside of it.` : words
}

/** What no smart view can limit, and so is refused beside one. */
function viewDenials({ newLeads }: PassSmartView): string {
  const so = newLeads === true ? '' : ' and new leads'
  return `A smart view can’t limit reports, exports, bulk actions, the event log, comments, webhooks, enrichment and unsubscribed addresses, so these are refused, and so are changes of smart views${so}.`
}

/** `{ lead: ['read', 'create'], task: ['read'] }` becomes "read leads and tasks" and "create leads". */
function phrases(objects: PassGrants, has: (held: readonly PassVerb[], verb: PassVerb) => boolean): string[] {
  return passVerbs.flatMap((verb) => {
    const able = passObjectNames.filter((name) => passObject(name).verbs.includes(verb))
    const with_ = able.filter((name) => has(objects[name] ?? [], verb))
    if (with_.length === 0) return []
    if (with_.length === able.length) return [`${verb} everything`]
    const without = able.filter((name) => !with_.includes(name))
    if (without.length <= 4 && with_.length > without.length + 3)
      return [`${verb} everything but ${inWords(without.map(passObjectWord))}`]
    return [`${verb} ${inWords(with_.map(passObjectWord))}`]
  })
}

function mayNotWords(objects: PassGrants): string {
  const never = passVerbs.filter((verb) => passObjectNames.every((name) => !objects[name]?.includes(verb)))
  const notRead = passObjectNames.filter(
    (name) => passObject(name).verbs.includes('read') && !objects[name]?.includes('read'),
  )
  const parts = [
    ...(never.length === 0 ? [] : [`${inWords(never, 'or')} anything`]),
    ...(never.includes('read') || notRead.length === 0
      ? []
      : [`read ${notRead.length > 6 ? 'anything else' : inWords(notRead.map(passObjectWord), 'or')}`]),
  ]
  return parts.length === 0 ? '' : `May not ${parts.join(', nor ')}.`
}

function fieldWords(name: string, limit: FieldLimit | undefined): string[] {
  const label = passObjectWord(name as keyof PassGrants) // a key of the rules' fields
  return [
    ...(limit?.read ? [`Of ${label} only ${inWords(limit.read)} can be read.`] : []),
    ...(limit?.write ? [`Of ${label} only ${inWords(limit.write)} can be written.`] : []),
  ]
}

/** An object as it is called inside a sentence: "leads", "SMS". */
export function passObjectWord(name: keyof PassGrants): string {
  const { label } = passObject(name)
  return /^[A-Z]{2}|^WhatsApp/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)
}

/** "a, b and c"; more than eight are counted. */
function inWords(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  const shown = words.length > 8 ? [...words.slice(0, 7), `${words.length - 7} more`] : words
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
}
