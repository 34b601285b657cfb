import { changes, type Operation } from './operations.ts'

/* How the operations of Close stand to leads, for a pass that sees only the leads of a smart view. */

/**
 * `none`: nothing of it is of a lead. `lead`: leads themselves, by the id in the path. `records`: each record says by
 * `lead_id` what it belongs to. `search`: by its query. `undecided`: nobody can tell which leads it touches.
 */
export type LeadScope = 'none' | 'lead' | 'records' | 'search' | 'undecided'

/** The beginnings of paths; the longest that fits decides. What is not named here is undecided. */
const byPath: Readonly<Record<string, LeadScope>> = {
  '/activity/': 'records',
  '/connected_account/': 'none',
  '/contact/': 'records',
  '/custom_activity/': 'none',
  '/custom_field/': 'none',
  '/custom_field_schema/': 'none',
  '/custom_object/': 'records',
  '/custom_object_type/': 'none',
  '/data/search/': 'search',
  '/email_template/': 'none',
  '/files/': 'none',
  '/form/': 'none',
  '/group/': 'none',
  '/integration_link/': 'none',
  '/lead/': 'lead',
  '/me/': 'none',
  '/membership/': 'none',
  '/opportunity/': 'records',
  '/organization/': 'none',
  '/outcome/': 'none',
  '/phone_number/': 'none',
  '/pipeline/': 'none',
  '/playbook/': 'none',
  '/role/': 'none',
  '/saved_search/': 'none',
  '/scheduling_link/': 'none',
  '/send_as/': 'none',
  '/sequence/': 'none',
  '/sequence_subscription/': 'records',
  '/shared_scheduling_link/': 'none',
  '/shared_scheduling_link_association/': 'none',
  '/sms_template/': 'none',
  '/status/': 'none',
  '/task/': 'records',
  '/user/': 'none',
}

const undecided: ReadonlySet<string> = new Set([
  // It writes a text about any lead, which may be asked for by a query.
  'GET /email_template/{id}/render/',
  // It changes all that its filter finds.
  'PUT /task/',
])

export function leadScopeOf(operation: Operation): LeadScope {
  const { method, path } = operation
  if (undecided.has(`${method} ${path}`)) return 'undecided'
  const fitting = Object.keys(byPath).filter((prefix) => path.startsWith(prefix))
  const [longest] = fitting.sort((a, b) => b.length - a.length)
  const scope = longest === undefined ? 'undecided' : (byPath[longest] ?? 'undecided')
  // Otherwise a pass could give itself other leads: one smart view may rest on another.
  const isOwnLimit = path.startsWith('/saved_search/') && changes(operation) && method !== 'POST'
  return isOwnLimit ? 'undecided' : scope
}

/** Filters that tell of a record neither what it says nor that it exists: who, when, of which kind, in which state. */
const broad =
  /^(_limit|_skip|_cursor|_fields|_order_by|format|organization_id|thread_emails|_type|user_id|assigned_to|is_complete|is_dateless|view|direction|status|status_(id|label|type)|custom_activity_type_id|custom_object_type_id|sequence_id|(date_[a-z]+|activity_at|due_date)__(gte?|lte?))(__in)?$/

/** Names of filters by which a list is of certain leads. */
const leadFilters: ReadonlySet<string> = new Set(['lead_id', 'lead_id__in'])

/** The leads that a list is asked for; null: it is of all. */
export function leadsAskedFor(query: URLSearchParams): string[] | null {
  const values = [...leadFilters].flatMap((name) => query.getAll(name))
  return values.length === 0 ? null : values.flatMap((value) => value.split(',')).map((id) => id.trim())
}

/**
 * The parameter by which a list of all leads would tell of a lead that is not seen, were it only by whether more follows;
 * null: none.
 */
export function tellingFilter(query: URLSearchParams): string | null {
  return [...query.keys()].find((name) => !broad.test(name)) ?? null
}
