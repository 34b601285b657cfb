import { grants, type PassRules } from '@latchwork/contract'
import { readsAll } from './fields.ts'

/* Lists are filtered by words, too: by a query in Close's older language, or by a smart view that holds one. */

/** What a query in words can ask of a lead itself. Others ask for what was written to it, who is in it, what it is worth. */
const ofLead =
  /^(name|display_name|description|url|status|status_id|lead_status|id|lead_id|(date_)?(created|updated)|custom(\..+)?)$/i
/** Words, quoted or not; a sign after them says that they are the name of what is asked for. */
const parts = /("[^"]*"|[^\s:<>="()]+)(\s*[:<>=])?/g
/** An order tells of what it is by. */
const order = /\bsort:-?(name|display_name|(date_)?(created|updated))(?![\w.])/gi

const inWords = ['query', 'lead_query'] as const
/** They say by an id what is asked, so nobody here can tell. */
const byView = ['lead_saved_search_id', 'saved_search_id', 'smart_view_id', 's_query'] as const

const tooMuch = 'all of every lead: read (or search by POST /data/search/)'

/** What the words of a list's address would need, which the pass does not have; null: nothing. */
export function wordsFault(rules: PassRules, query: URLSearchParams): string | null {
  if (readsAll(rules, 'leads')) return null
  if (byView.some((name) => query.has(name))) return tooMuch
  for (const text of inWords.flatMap((name) => query.getAll(name))) {
    const fault = queryInWordsFault(rules, text)
    if (fault !== null) return fault
  }
  return null
}

/** The same of one query, such as `status:"Potential" sort:-created`. */
export function queryInWordsFault(rules: PassRules, text: string): string | null {
  if (!grants(rules.objects, 'lead', 'read')) return 'Leads: read'
  if ((rules.fields?.lead?.read ?? null) !== null) return 'Leads: read all fields'
  // An escape could end a quotation, or not.
  if (text.includes('\\') || text.split('"').length % 2 === 0) return tooMuch
  const names = [...text.replaceAll(order, ' ').matchAll(parts)].filter(([, , sign]) => sign !== undefined)
  const isForeign = names.some(([, name = '']) => !ofLead.test(name.replace(/^"(.*)"$/, '$1')))
  return isForeign ? tooMuch : null
}
