/**
 * The main objects of Close. All fields but the id are optional, since `_fields` and a search choose them; fields
 * that Close adds later are passed through. Custom fields are flat: `custom.cf_...`.
 *
 * @see https://developer.close.com/api/resources
 */
export interface CloseObject {
  id: string
  organization_id?: string
  /** ISO 8601; without an offset it is UTC: `parseCloseTimestamp`. */
  date_created?: string
  date_updated?: string
  created_by?: string | null
  updated_by?: string | null
}

/** Values of custom fields by `custom.cf_<id>`. */
export interface WithCustomFields {
  [field: `custom.${string}`]: unknown
}

export interface Email {
  email: string
  type?: string
  is_unsubscribed?: boolean
}

export interface Phone {
  phone: string
  type?: string
  phone_formatted?: string
  country?: string | null
}

export interface Url {
  url: string
  type?: string
}

export interface Address {
  label?: string
  address_1?: string
  address_2?: string
  city?: string
  state?: string
  zipcode?: string
  country?: string
}

export interface Contact extends CloseObject, WithCustomFields {
  lead_id?: string | null
  name?: string | null
  display_name?: string
  title?: string | null
  emails?: Email[]
  phones?: Phone[]
  urls?: Url[]
  timezone?: string | null
}

export interface Lead extends CloseObject, WithCustomFields {
  name?: string | null
  display_name?: string
  description?: string | null
  url?: string | null
  html_url?: string
  status_id?: string
  status_label?: string
  contact_ids?: string[]
  contacts?: Contact[]
  opportunities?: Opportunity[]
  /** Only those that are not complete. */
  tasks?: Task[]
  addresses?: Address[]
}

export type OpportunityStatusType = 'active' | 'won' | 'lost'
export type ValuePeriod = 'one_time' | 'monthly' | 'annual'

export interface Opportunity extends CloseObject, WithCustomFields {
  lead_id?: string
  lead_name?: string | null
  contact_id?: string | null
  contact_name?: string | null
  user_id?: string | null
  user_name?: string | null
  status_id?: string
  status_label?: string
  status_type?: OpportunityStatusType
  pipeline_id?: string
  pipeline_name?: string
  /** Cents of `value_currency`. */
  value?: number | null
  value_currency?: string
  value_formatted?: string | null
  value_period?: ValuePeriod
  /** Percent, 0 to 100. */
  confidence?: number
  /** Cents. */
  expected_value?: number | null
  /** Cents. */
  annualized_value?: number | null
  /** Cents. */
  annualized_expected_value?: number | null
  /** A date without time. */
  date_won?: string | null
  date_lost?: string | null
  note?: string | null
  note_html?: string | null
}

export interface Task extends CloseObject {
  _type?: string
  assigned_to?: string | null
  assigned_to_name?: string | null
  lead_id?: string | null
  lead_name?: string | null
  contact_id?: string | null
  contact_name?: string | null
  /** A date, or a date with time. */
  date?: string | null
  due_date?: string | null
  text?: string | null
  is_complete?: boolean
  is_dateless?: boolean
  object_type?: string | null
  object_id?: string | null
  view?: 'inbox' | 'future' | 'archive' | null
  priority?: 'high' | 'medium' | null
}

/** The fields that all kinds of activity share. `_type` names the kind, which adds its own fields. */
export interface Activity extends CloseObject, WithCustomFields {
  _type?: string
  lead_id?: string | null
  contact_id?: string | null
  user_id?: string | null
  user_name?: string | null
  users?: string[]
  activity_at?: string | null
  created_by_name?: string | null
  updated_by_name?: string | null
}

export interface Note extends Activity {
  title?: string | null
  note?: string | null
  /** Wrapped in `<body>`; wins over `note` when both are sent. */
  note_html?: string | null
  pinned?: boolean
}

export interface Call extends Activity {
  direction?: 'inbound' | 'outbound'
  disposition?: string | null
  status?: string
  /** Seconds. */
  duration?: number | null
  phone?: string | null
  note?: string | null
  note_html?: string | null
  recording_url?: string | null
  source?: string
}

export interface EmailActivity extends Activity {
  direction?: 'incoming' | 'outgoing'
  /** Creating one as `outbox` or `scheduled` sends mail. */
  status?: 'inbox' | 'draft' | 'scheduled' | 'outbox' | 'sent' | 'error'
  subject?: string | null
  sender?: string | null
  to?: string[]
  cc?: string[]
  bcc?: string[]
  body_text?: string | null
  body_html?: string | null
  date_sent?: string | null
  thread_id?: string | null
}
