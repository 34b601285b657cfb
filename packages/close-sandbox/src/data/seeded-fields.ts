import type { Json, JsonObject } from '../json.ts'
import { fixedId } from '../record-ids.ts'

/** The ids of the custom activity types and custom object types, by name. */
export type TypeIds = Readonly<Record<string, string>>

/** The definitions that a new organization starts with. */
export function seededFields(
  seed: string,
  audit: JsonObject,
  activityTypes: TypeIds,
  objectTypes: TypeIds,
): JsonObject[] {
  return CUSTOM_FIELDS.map((field) => ({
    id: fixedId('cf', seed, [field.of, field.typeName, field.name].filter(Boolean).join(' ')),
    name: field.name,
    description: field.description ?? null,
    type: field.type,
    choices: field.choices ? [...field.choices] : null,
    accepts_multiple_values: field.many ?? false,
    editable_with_roles: [...(field.roles ?? [])],
    ...audit,
    ...typeOf(field, activityTypes, objectTypes),
    object_type: field.of,
  }))
}

function typeOf(
  { of, typeName = '', required = false, refersTo }: SeededField,
  activityTypes: TypeIds,
  objectTypes: TypeIds,
): JsonObject {
  const reference: JsonObject =
    refersTo === undefined
      ? {}
      : { referenced_custom_type_id: objectTypes[refersTo] ?? null, back_reference_is_visible: true }
  switch (of) {
    case 'activity':
      return { custom_activity_type_id: activityTypes[typeName] ?? null, required, ...reference }
    case 'custom_object_type':
      return { custom_object_type_id: objectTypes[typeName] ?? null, required, ...reference }
    case 'shared': {
      const associations: Json = ['lead', 'contact'].map((object_type) => ({
        object_type,
        editable_with_roles: [],
        required: false,
      }))
      return { associations }
    }
    default:
      return {}
  }
}

/** A custom field before it has an id. */
interface SeededField {
  /** Of an activity or a custom object: the name of its type. */
  readonly typeName?: string
  readonly of: 'lead' | 'contact' | 'opportunity' | 'activity' | 'custom_object_type' | 'shared'
  readonly name: string
  readonly type: string
  readonly description?: string
  readonly choices?: readonly string[]
  readonly many?: boolean
  readonly required?: boolean
  readonly roles?: readonly string[]
  /** Of a reference: the name of the custom object type. */
  readonly refersTo?: string
}

const CUSTOM_FIELDS: readonly SeededField[] = [
  { of: 'lead', name: '# of seats', type: 'number', description: 'How many people would use it' },
  {
    of: 'lead',
    name: 'Industry',
    type: 'choices',
    choices: ['Retail', 'Crafts', 'Health', 'Software', 'Énergie'],
  },
  {
    of: 'lead',
    name: 'Interests',
    type: 'choices',
    choices: ['Reports', 'Calling', 'E-mail', 'API'],
    many: true,
  },
  { of: 'lead', name: 'Renewal date', type: 'date' },
  { of: 'lead', name: 'Last seen', type: 'datetime' },
  {
    of: 'lead',
    name: 'External ID',
    type: 'text',
    description: 'Number in the order system',
    roles: ['admin'],
  },
  { of: 'lead', name: 'Account manager', type: 'user' },
  { of: 'contact', name: 'Department', type: 'text' },
  { of: 'contact', name: 'Newsletter', type: 'choices', choices: ['Yes', 'No'] },
  { of: 'opportunity', name: 'Contract number', type: 'text' },
  { of: 'opportunity', name: 'Probability notes', type: 'text' },
  {
    of: 'activity',
    typeName: 'Site Visit',
    name: 'Result',
    type: 'choices',
    choices: ['Good', 'Fair', 'Poor'],
    required: true,
  },
  { of: 'activity', typeName: 'Site Visit', name: 'Report', type: 'textarea' },
  { of: 'custom_object_type', typeName: 'Contract', name: 'Signed on', type: 'date' },
  {
    of: 'custom_object_type',
    typeName: 'Contract',
    name: 'Products',
    type: 'choices',
    choices: ['Basic', 'Plus', 'Support'],
    many: true,
  },
  ...everyKind('activity', 'Handover'),
  { of: 'activity', typeName: 'Handover', name: 'Minutes', type: 'textarea' },
  ...everyKind('custom_object_type', 'Machine'),
  { of: 'shared', name: 'Owner', type: 'user', description: 'Who looks after them' },
]

/** One field of each kind that both activities and custom objects can have. */
function everyKind(of: 'activity' | 'custom_object_type', typeName: string): SeededField[] {
  const choices = ['North', 'South', 'Überlingen']
  const own = { of, typeName }
  return [
    { ...own, name: 'Serial number', type: 'text' },
    { ...own, name: 'Price', type: 'number' },
    { ...own, name: 'Delivered on', type: 'date' },
    { ...own, name: 'Last service', type: 'datetime' },
    { ...own, name: 'Site', type: 'choices', choices },
    { ...own, name: 'Regions', type: 'choices', choices, many: true },
    { ...own, name: 'Technician', type: 'user' },
    { ...own, name: 'Watchers', type: 'user', many: true },
    { ...own, name: 'Operator', type: 'contact' },
    { ...own, name: 'Witnesses', type: 'contact', many: true },
    { ...own, name: 'Under contract', type: 'custom_object', refersTo: 'Contract' },
    { ...own, name: 'Imported from', type: 'hidden' },
  ]
}
