import type { CloseObject, OpportunityStatusType } from './objects.ts'

/* An organization of Close: its people, its settings, and its events. */

export interface User extends CloseObject {
  email?: string
  first_name?: string | null
  last_name?: string | null
  image?: string | null
  last_used_timezone?: string | null
  /** Ids. */
  organizations?: string[]
}

export interface Status extends CloseObject {
  label?: string
}

export interface OpportunityStatus extends Status {
  /** Called `status_type` on an opportunity itself. */
  type?: OpportunityStatusType
  pipeline_id?: string
}

export interface Pipeline extends CloseObject {
  name?: string
  statuses?: OpportunityStatus[]
}

export type CustomFieldObjectType =
  | 'lead'
  | 'contact'
  | 'opportunity'
  | 'activity'
  | 'custom_object_type'
  | 'shared'

export interface CustomField extends CloseObject {
  name?: string
  description?: string | null
  /** Such as text, number, date, datetime, choices, user, contact, custom_object, textarea, hidden. */
  type?: string
  choices?: string[] | null
  accepts_multiple_values?: boolean
  editable_with_roles?: string[]
  required?: boolean
}

export interface SavedSearch extends CloseObject {
  name?: string
  type?: string
  description?: string
  is_shared?: boolean
  user_id?: string | null
  s_query?: unknown
}

export interface Membership extends CloseObject {
  user_id?: string
  role_id?: string
  permissions_granted?: string[]
}

export interface Organization extends CloseObject {
  name: string
  lead_statuses?: Status[]
  pipelines?: Pipeline[]
  memberships?: Membership[]
}

/** The user that the credential acts for. With a key or token, `organizations` has only the one that it is bound to. */
export interface Me extends CloseObject {
  email: string
  first_name?: string | null
  last_name?: string | null
  organizations: Organization[]
  memberships?: Membership[]
}

export interface CloseEvent extends CloseObject {
  object_type?: string
  object_id?: string
  lead_id?: string | null
  user_id?: string | null
  request_id?: string | null
  /** Such as created, updated, deleted, merged. */
  action?: string
  changed_fields?: string[]
  data?: Record<string, unknown> | null
  previous_data?: Record<string, unknown>
  meta?: Record<string, unknown>
}
