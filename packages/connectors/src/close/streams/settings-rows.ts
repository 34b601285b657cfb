import { enumerations } from '@latchwork/close'
import { audit, boolean, dates, type Fields, json, number, text, time } from './fields.ts'
import { listedSome, listedYesOrNo } from './parameters.ts'
import { list, rowsOf, type StreamRow } from './row.ts'

const row = rowsOf('Settings')

/** @see https://developer.close.com/api/resources/custom-fields */
const customField: Fields = {
  ...text('id', 'name', 'description', 'type'),
  ...json('choices'),
  ...boolean('accepts_multiple_values', 'required', 'back_reference_is_visible'),
  ...json('editable_with_roles', 'associations'),
  ...text('custom_activity_type_id', 'custom_object_type_id', 'referenced_custom_type_id'),
  ...text('converting_to_type'),
  ...audit,
}

const customFields = (of: string, words: string): StreamRow =>
  row(
    [`${of}_custom_fields`, `Custom fields of ${words}`],
    `The definitions of the custom fields of ${words}: name, type and choices.`,
    list(`/custom_field/${of === 'custom_object' ? 'custom_object_type' : of}/`),
    customField,
  )

/** How the organization is set up. */
export const settingsRows: readonly StreamRow[] = [
  row(
    ['organization', 'Organization'],
    'The organization itself: one record.',
    { by: 'single', path: '/organization/{organization}/' },
    {
      ...text('id', 'name', 'created_by', 'updated_by', 'plan_type', 'currency'),
      ...json('lead_statuses', 'pipelines', 'memberships', 'inactive_memberships'),
      ...time('date_created', 'date_updated'),
    },
  ),
  row(
    ['lead_statuses', 'Lead statuses'],
    'The statuses that a lead can have.',
    list('/status/lead/'),
    text('id', 'label', 'organization_id'),
    { recommended: true },
  ),
  row(
    ['opportunity_statuses', 'Opportunity statuses'],
    'The statuses that an opportunity can have, of all pipelines.',
    list('/status/opportunity/'),
    text('id', 'label', 'type', 'pipeline_id', 'organization_id'),
    { recommended: true },
  ),
  row(
    ['pipelines', 'Pipelines'],
    'The pipelines of opportunities, with their statuses in order.',
    list('/pipeline/'),
    { ...text('id', 'name'), ...json('statuses'), ...audit },
    { recommended: true },
  ),
  row(['outcomes', 'Outcomes'], 'What a call or a meeting can have led to.', list('/outcome/'), {
    ...text('id', 'name', 'description', 'type'),
    ...json('applies_to'),
    ...audit,
  }),
  customFields('lead', 'leads'),
  customFields('contact', 'contacts'),
  customFields('opportunity', 'opportunities'),
  customFields('activity', 'custom activities'),
  customFields('custom_object', 'custom objects'),
  customFields('shared', 'several objects'),
  row(
    ['custom_activity_types', 'Custom activity types'],
    'Your own types of activity, with their fields.',
    list('/custom_activity/'),
    {
      ...text('id', 'name', 'description'),
      ...boolean('api_create_only', 'is_archived'),
      ...json('editable_with_roles', 'fields'),
      ...audit,
    },
  ),
  row(
    ['custom_object_types', 'Custom object types'],
    'Your own types of object, with their fields.',
    list('/custom_object_type/'),
    {
      ...text('id', 'name', 'name_plural', 'description'),
      ...boolean('api_create_only'),
      ...json('editable_with_roles', 'fields', 'back_reference_fields'),
      ...audit,
    },
  ),
  row(
    ['saved_searches', 'Smart views'],
    'Saved searches for every kind of record, with their queries.',
    list('/saved_search/', { query: { type__in: enumerations.SavedSearchType.join(',') } }),
    {
      ...text('id', 'name', 'description', 'type', 'user_id', 'query'),
      ...boolean('is_shared', 'is_user_dependent'),
      ...json('s_query', 'selected_fields', 'shared_with', 'sharing_settings'),
      ...dates,
    },
    { parameters: [listedSome('type', 'Of which records', enumerations.SavedSearchType, 'type__in')] },
  ),
  row(
    ['playbooks', 'Playbooks'],
    'What is to be asked in which kind of conversation.',
    list('/playbook/'),
    {
      ...text('id', 'name', 'description', 'summary_guidance'),
      ...number('position'),
      ...json('custom_field_ids', 'outcome_ids'),
      ...text('organization_id', 'created_by_id', 'updated_by_id', 'archived_by_id'),
      ...time('created_at', 'updated_at', 'archived_at'),
    },
    { parameters: [listedYesOrNo('is_archived', 'Archived', { yes: 'Archived ones', no: 'Those in use' })] },
  ),
  row(['forms', 'Forms'], 'The forms through which visitors reach you.', list('/form/'), {
    ...text('id', 'name'),
    ...audit,
  }),
  row(
    ['integration_links', 'Integration links'],
    'Links to other systems that Close shows at records. Only an administrator may read them.',
    list('/integration_link/'),
    { ...text('id', 'name', 'type', 'url'), ...audit },
  ),
  row(
    ['webhooks', 'Webhooks'],
    'Where Close sends events, and whether it arrives. The keys that sign them are not read.',
    list('/webhook/'),
    {
      ...text('id', 'url', 'status', 'health_status', 'pause_reason'),
      ...json('events', 'counters', 'latest_error'),
      ...boolean('verify_ssl'),
      ...number('recent_consecutive_fail_buckets_cnt'),
      ...audit,
    },
    { secretFields: ['signature_key'] },
  ),
]
