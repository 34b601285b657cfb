import type { Json, JsonObject } from '../json.ts'
import { classic, SMALL_PAGES } from './collection-bases.ts'
import type { SampledResource, SampleMaking } from './collection-samples.ts'

const STATUSES = ['created', 'loading', 'processing', 'done', 'paused', 'resuming', 'error'] as const

const EVERY_LEAD: Json = { type: 'and', queries: [{ type: 'object_type', object_type: 'lead' }] }

/** What every bulk action says of its records and its progress. */
function progress({ number, random }: SampleMaking): JsonObject {
  const status = number === 0 ? 'done' : random.pick(STATUSES)
  const size = random.whole(1, 500)
  const isCounted = status !== 'created' && status !== 'loading'
  return {
    n_leads: isCounted ? size : null,
    n_leads_processed: status === 'done' ? size : 0,
    n_objects: isCounted ? size : null,
    n_objects_processed: status === 'done' ? size : 0,
    query: null,
    results_limit: number % 2 === 0 ? null : 500,
    s_query: EVERY_LEAD,
    send_done_email: number % 2 === 0,
    sort: [],
    status,
  }
}

interface BulkAction {
  readonly word: 'delete' | 'edit' | 'email' | 'sequence_subscription'
  readonly idPrefix: string
  readonly filters?: readonly string[]
  readonly own: (making: SampleMaking) => JsonObject
}

const BULK_ACTIONS: readonly BulkAction[] = [
  {
    word: 'delete',
    idPrefix: 'bulkdelete',
    own: ({ random }) => ({
      bulk_object_type: random.pick(['lead', 'contact', 'call', 'custom_activity', 'form_submission']),
    }),
  },
  {
    word: 'edit',
    idPrefix: 'bulkedit',
    own: ({ number, anyId }) => ({
      type: number % 2 === 0 ? 'set_lead_status' : 'set_custom_field',
      lead_status_id: number % 2 === 0 ? anyId('lead_status') : null,
      custom_field_name: number % 2 === 0 ? null : 'External ID',
      custom_field_value: number % 2 === 0 ? null : 'K-1001',
    }),
  },
  {
    word: 'email',
    idPrefix: 'bulkemail',
    filters: ['template_id'],
    own: ({ number, anyId, user }) => ({
      contact_preference: (['lead', 'contact', 'all'] as const)[number % 3] ?? null,
      email_account_id: anyId('connected_account'),
      sender: user.email,
      template_id: anyId('email_template'),
    }),
  },
  {
    word: 'sequence_subscription',
    idPrefix: 'bulksub',
    own: ({ number, anyId, organization, user }) => ({
      action_type: number === 0 ? 'subscribe' : 'pause',
      calls_assigned_to: number === 0 ? [user.id] : null,
      contact_preference: number === 0 ? 'contact' : null,
      from_phone_number_id: number === 0 ? anyId('phone_number') : null,
      sender_account_id: number === 0 ? anyId('connected_account') : null,
      sender_email: number === 0 ? user.email : null,
      sender_name: number === 0 ? organization.accounts.nameOf(user.id) : null,
      sequence_id: anyId('sequence'),
    }),
  },
]

const BULK_RESOURCES = BULK_ACTIONS.map(
  ({ word, idPrefix, filters = [], own }): SampledResource => ({
    ...classic,
    path: `/bulk_action/${word}/`,
    collection: `bulk_${word}`,
    idPrefix,
    eventType: `bulk_action.${word}`,
    paging: SMALL_PAGES,
    order: 'latest',
    filters,
    seeded: 3,
    sample: (making) => ({ ...progress(making), ...own(making) }),
    writes: null,
  }),
)

const LEAD_FIELDS = [
  'id',
  'name',
  'description',
  'status_id',
  'contacts',
  'custom',
  'date_created',
  'date_updated',
]
const OPPORTUNITY_FIELDS = [
  'id',
  'lead_id',
  'status_id',
  'value',
  'confidence',
  'date_created',
  'date_updated',
]

/** Every fourth export is one of opportunities. */
function exported({ number, random }: SampleMaking): JsonObject {
  const isOfOpportunities = number % 4 === 3
  const isDone = number % 3 === 0
  const size = random.whole(1, 900)
  return {
    type: isOfOpportunities
      ? 'opportunities'
      : ((['leads', 'contacts', 'lead_opps'] as const)[number % 3] ?? 'leads'),
    format: number % 2 === 0 ? 'csv' : 'json',
    date_format: 'iso8601',
    download_url: isDone ? `https://files.example/export-${number + 1}` : null,
    fields: isOfOpportunities ? OPPORTUNITY_FIELDS : LEAD_FIELDS,
    n_docs: isDone ? size : null,
    n_docs_processed: isDone ? size : 0,
    results_limit: null,
    send_done_email: false,
    status: isDone ? 'done' : random.pick(['created', 'started', 'in_progress', 'error']),
  }
}

const exports: Omit<SampledResource, 'path' | 'eventType'> = {
  ...classic,
  collection: 'export',
  idPrefix: 'expo',
  paging: SMALL_PAGES,
  order: 'latest',
  seeded: 0,
  sample: exported,
  writes: null,
}

/** Work that Close does in the background: bulk actions, and exports by kind and all together. */
export const JOB_RESOURCES: readonly SampledResource[] = [
  ...BULK_RESOURCES,
  {
    ...exports,
    path: '/export/lead/',
    eventType: 'export.lead',
    includes: ({ type }) => type !== 'opportunities',
  },
  {
    ...exports,
    path: '/export/opportunity/',
    eventType: 'export.opportunity',
    includes: ({ type }) => type === 'opportunities',
  },
  { ...exports, path: '/export/', eventType: null, seeded: 4 },
]
