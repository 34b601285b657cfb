/** A list of the account that people choose from by name. */
export type ChoiceList =
  | 'users'
  | 'lead_statuses'
  | 'opportunity_statuses'
  | 'pipelines'
  | 'sequences'
  | 'forms'
  | 'outcomes'
  | 'email_templates'
  | 'custom_activity_types'
  | 'custom_object_types'
  | { readonly smartViews: string }
  /** The people, for each custom field of such records that holds users. */
  | { readonly usersIn: 'lead' | 'contact' | 'opportunity' }
