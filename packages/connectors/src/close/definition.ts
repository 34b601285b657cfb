import type { ConnectorDefinition, Cure, FieldDefinition, ReasonCode } from '@latchwork/contract'
import { activityKinds } from './activity-fields.ts'
import { apiKeyMethod, oauthMethod } from './methods.ts'
import { optionsOf } from './streams/parameters.ts'
import { streamRow, streamRows } from './streams.ts'

/** What most people want to read, each with its picture. */
const tiles: Readonly<Record<string, string>> = {
  leads: 'building',
  contacts: 'address-book',
  opportunities: 'target',
  activities: 'activity',
  tasks: 'checklist',
  users: 'users',
}

/** The form names nothing: each flow that reads the source chooses its streams. */
export const chosenInFlow = {
  name: 'streams',
  label: 'Streams of your choice',
  icon: 'stack',
  group: 'Several',
  description: 'One flow reads everything that Close has, or the kinds of record that you choose for it.',
} as const

const destinationObjects = [
  { value: 'leads', label: 'Leads', icon: 'building' },
  { value: 'contacts', label: 'Contacts', icon: 'address-book' },
  { value: 'opportunities', label: 'Opportunities', icon: 'target' },
] as const

const writeModes = [
  {
    value: 'create',
    label: 'Create',
    verb: 'Create',
    help: 'Every record becomes a new one in Close.',
  },
  {
    value: 'update',
    label: 'Update',
    verb: 'Update',
    help: 'Changes the record whose id is mapped to Close’s id. Fields that are not mapped keep their values.',
  },
  {
    value: 'upsert',
    label: 'Create or update',
    verb: 'Create or update',
    help: 'Updates records that carry a Close id and creates those whose id is empty.',
  },
] as const

const option = ({ value, label, help }: { value: string; label: string; help?: string }) =>
  help === undefined ? { value, label } : { value, label, help }

export const sourceFields: FieldDefinition[] = [
  {
    name: 'object',
    label: 'What to read',
    kind: 'select',
    required: true,
    help: 'Type to search everything that Close lists.',
    defaultValue: 'leads',
    options: [chosenInFlow, ...streamRows].map(({ name, label, description, group }) => ({
      value: name,
      label,
      help: description,
      group,
    })),
  },
  {
    name: 'kinds',
    label: 'Kinds of activity',
    kind: 'multiselect',
    required: false,
    help: 'Leave it blank for all of them.',
    options: optionsOf(activityKinds),
    visibleWhen: { field: 'object', values: ['activities'] },
  },
  {
    name: 'fields',
    label: 'Fields',
    kind: 'textarea',
    required: false,
    help: 'Names of fields separated by commas, for example name, status_label. Leave it blank for all fields, custom fields included.',
    visibleWhen: { field: 'object', values: streamRows.map(({ name }) => name) },
  },
]

export const destinationFields: FieldDefinition[] = [
  {
    name: 'object',
    label: 'What to write',
    kind: 'select',
    required: true,
    defaultValue: 'leads',
    options: destinationObjects.map(option),
  },
  {
    name: 'mode',
    label: 'How',
    kind: 'select',
    required: true,
    defaultValue: 'create',
    options: writeModes.map(option),
  },
  {
    name: 'mapping',
    label: 'Fields',
    kind: 'mapping',
    required: true,
    help: 'Which column of the source goes into which field of Close. Columns that are not mapped are not sent.',
    requiredTargets: [
      {
        anyOf: ['id'],
        when: [{ field: 'mode', values: ['update', 'upsert'] }],
        message: 'Map a column to Id: it says which record to update.',
      },
      {
        anyOf: ['name'],
        when: [
          { field: 'object', values: ['leads'] },
          { field: 'mode', values: ['create', 'upsert'] },
        ],
        message: 'Map a column to Name: a lead without a name is not made.',
      },
      {
        anyOf: ['lead_id', 'name'],
        when: [
          { field: 'object', values: ['contacts'] },
          { field: 'mode', values: ['create', 'upsert'] },
        ],
        message:
          'Map a column to Lead, by id, or to Name: without either, Close would make a lead without a name.',
      },
      {
        anyOf: ['lead_id'],
        when: [
          { field: 'object', values: ['opportunities'] },
          { field: 'mode', values: ['create', 'upsert'] },
        ],
        message: 'Map a column to Lead, by id: an opportunity belongs to a lead.',
      },
    ],
  },
]

const closeCures = {
  api_key_rejected: {
    what: 'Key not accepted',
    todo: 'Copy the key again, whole, and replace it here.',
    passes: false,
  },
  api_key_disabled: {
    what: 'Key disabled',
    todo: 'Make a new key in Close, then choose Rotate key.',
    passes: false,
  },
  identity_changed: {
    what: 'Another account',
    todo: 'Undo the change in Close, or replace the key and confirm the other account.',
    passes: false,
  },
  account_refused: {
    what: 'Not permitted',
    todo: 'Give the user’s role the permission in Close, or use a key of another user.',
    passes: false,
  },
  role_narrowed: {
    what: 'Fewer rights',
    todo: 'Give the role its permissions back in Close, or leave it. The note goes with the next check.',
    passes: false,
  },
} satisfies Partial<Record<ReasonCode, Cure>>

/**
 * The definition of the Close connector: both authentication methods with their guides, and the templates of a
 * source and a destination.
 */
export function closeDefinition(closeAppUrl: string): ConnectorDefinition {
  return {
    id: 'close',
    label: 'Close',
    description: 'Leads, contacts, opportunities, activities and tasks of the Close CRM.',
    icon: 'target',
    accountWord: 'organization',
    methods: [apiKeyMethod(closeAppUrl), oauthMethod(closeAppUrl)],
    cures: closeCures,
    source: {
      keyed: true,
      columns: 'typed',
      flowChooses: { field: 'object', values: [chosenInFlow.name] },
      defaultTemplate: 'leads',
      templates: [
        chosenInFlow,
        ...Object.entries(tiles).map(([name, icon]) => ({
          ...{ name, icon, label: streamRow(name)?.label ?? name },
          description: streamRow(name)?.description ?? '',
        })),
      ].map(({ name, label, description, icon }) => ({
        ...{ id: name, label, description, icon },
        config: { object: name },
      })),
      fields: sourceFields,
    },
    destination: {
      writes: 'records',
      takes: 'one stream',
      abilities: {
        follows: [],
        streams: 'One kind of record, which the form names.',
        deletions: 'Nothing is deleted in Close.',
        evolution:
          'A field that is not mapped is left alone. A value that Close refuses is told with its reason.',
        repeat:
          'Updates are safe. Records that are created are created once for all tries of a run; the next complete run creates them again.',
      },
      repeat: {
        of: 'object',
        words: {
          leads: { one: 'lead', many: 'leads' },
          contacts: { one: 'contact', many: 'contacts' },
          opportunities: { one: 'opportunity', many: 'opportunities' },
        },
        createsWhen: { field: 'mode', values: ['create', 'upsert'] },
      },
      defaultTemplate: 'create-leads',
      templates: destinationObjects.flatMap((object) =>
        writeModes.map((mode) => ({
          id: `${mode.value}-${object.value}`,
          label: `${mode.verb} ${object.label.toLowerCase()}`,
          description: mode.help,
          icon: object.icon,
          config: { object: object.value, mode: mode.value },
        })),
      ),
      fields: destinationFields,
    },
  }
}
