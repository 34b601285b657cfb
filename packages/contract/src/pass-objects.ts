/** What a pass may do with an object of Close. */
export const passVerbs = ['read', 'create', 'change', 'delete'] as const
export type PassVerb = (typeof passVerbs)[number]

interface PassObject {
  /** As a person calls them, in the plural. */
  readonly label: string
  /** Those that Close has an endpoint for. */
  readonly verbs: readonly PassVerb[]
  /** What is said beside it, where its name does not say enough. */
  readonly hint?: string
  /** Its records belong to leads. */
  readonly ofLeads?: true
  /** The words in which people talk to customers. */
  readonly mail?: true
}

const all: readonly PassVerb[] = passVerbs

/**
 * What Close has, as a pass is given it. Every endpoint of Close belongs to one of these, or to none that a pass can be
 * given: `server/src/gateway/rules/operations.ts` says which.
 */
export const passObjects = {
  lead: {
    label: 'Leads',
    verbs: all,
    ofLeads: true,
    hint: 'Merging two leads needs change and delete.',
  },
  contact: { label: 'Contacts', verbs: all, ofLeads: true },
  opportunity: { label: 'Opportunities', verbs: all, ofLeads: true },
  task: { label: 'Tasks', verbs: all, ofLeads: true },
  note: { label: 'Notes', verbs: all, ofLeads: true },
  email: {
    label: 'Emails',
    verbs: all,
    ofLeads: true,
    mail: true,
    hint: 'To create one may send it to a customer.',
  },
  call: { label: 'Calls', verbs: all, ofLeads: true, mail: true },
  sms: {
    label: 'SMS',
    verbs: all,
    ofLeads: true,
    mail: true,
    hint: 'To create one may send it to a customer.',
  },
  whatsapp: { label: 'WhatsApp messages', verbs: all, ofLeads: true, mail: true },
  meeting: { label: 'Meetings', verbs: ['read', 'change', 'delete'], ofLeads: true },
  custom_activity: { label: 'Custom activities', verbs: all, ofLeads: true },
  activity: {
    label: 'Other activities',
    verbs: ['read', 'create', 'delete'],
    ofLeads: true,
    hint: 'Changes of status, merges, imports, tasks done.',
  },
  comment: { label: 'Comments', verbs: all },
  custom_object: { label: 'Custom objects', verbs: all, ofLeads: true },
  file: { label: 'Files', verbs: ['read', 'create'], hint: 'Files of leads, and uploads.' },
  smart_view: { label: 'Smart views', verbs: all },
  report: {
    label: 'Reports',
    verbs: ['read'],
    hint: 'Sums over everything in the organization. Refused beside limits of fields.',
  },
  event: {
    label: 'Event log',
    verbs: ['read'],
    hint: 'Holds records before and after each change: only of objects that the pass may read.',
  },
  export: {
    label: 'Exports',
    verbs: ['read', 'create'],
    hint: 'Whole leads or opportunities: only where the pass may read all that is in them.',
  },
  bulk_action: {
    label: 'Bulk actions',
    verbs: ['read', 'create'],
    hint: 'Also needs what it does to each lead: to change, delete, or create emails or sequences.',
  },
  sequence: { label: 'Sequences', verbs: all, hint: 'A subscription sends emails or SMS by itself.' },
  template: { label: 'Templates', verbs: all },
  form: { label: 'Forms and their submissions', verbs: ['read', 'delete'], ofLeads: true },
  playbook: { label: 'Playbooks', verbs: all },
  scheduling_link: { label: 'Scheduling links', verbs: all },
  status: { label: 'Statuses, pipelines and outcomes', verbs: all },
  custom_field: { label: 'Custom fields and types', verbs: all },
  user: {
    label: 'Users, groups and roles',
    verbs: all,
    hint: 'To create or change decides who may enter Close.',
  },
  organization: { label: 'The organization', verbs: ['read', 'change'] },
  connected_account: { label: 'Connected accounts and senders', verbs: ['read', 'create', 'delete'] },
  phone_number: { label: 'Phone numbers and dialers', verbs: all },
  unsubscribe: { label: 'Unsubscribed addresses', verbs: ['read', 'create', 'delete'] },
  enrichment: { label: 'Enrichment of fields', verbs: ['create'], hint: 'Each use costs credits at Close.' },
  integration_link: { label: 'Integration links', verbs: all },
  webhook: {
    label: 'Webhooks',
    verbs: all,
    hint: 'Sends records to any address, past this gateway: only where the pass may read everything.',
  },
} as const satisfies Record<string, PassObject>

export type PassObjectName = keyof typeof passObjects
export const passObjectNames = Object.keys(passObjects).filter(isPassObject)

export function isPassObject(name: string): name is PassObjectName {
  return Object.hasOwn(passObjects, name)
}

/** An object of the table, with what it need not say. */
export function passObject(name: PassObjectName): PassObject {
  return passObjects[name]
}

/** What a pass may do: the verbs of each object. An object that is left out is not touched. */
export type PassGrants = Readonly<Partial<Record<PassObjectName, readonly PassVerb[]>>>

/** Whether the grants have each of the verbs. */
export function grants(given: PassGrants, name: PassObjectName, ...verbs: readonly PassVerb[]): boolean {
  const held = given[name] ?? []
  return verbs.every((verb) => held.includes(verb))
}

/** What most passes are for. */
export const passPresets = {
  read: { label: 'Read-only', grants: granting(() => ['read']) },
  read_without_mail: {
    label: 'Read-only without emails and calls',
    grants: granting((name) => (isMail(name) ? [] : ['read'])),
  },
  leads: { label: 'Leads only, to read', grants: { lead: ['read'] } },
  no_deletes: { label: 'Everything but deletes', grants: granting((name) => verbsBut(name, 'delete')) },
  everything: { label: 'Everything', grants: granting((name) => [...passObject(name).verbs]) },
} as const satisfies Record<string, { readonly label: string; readonly grants: PassGrants }>
export type PassPreset = keyof typeof passPresets

/** The preset that gives just this; null: none does. */
export function presetOf(given: PassGrants): PassPreset | null {
  const same = (preset: PassGrants) =>
    passObjectNames.every((name) => {
      const [a, b] = [given[name] ?? [], preset[name] ?? []]
      return a.length === b.length && a.every((verb) => b.includes(verb))
    })
  const found = Object.entries(passPresets).find(([, preset]) => same(preset.grants))
  return (found?.[0] ?? null) as PassPreset | null // a key of the object
}

/** Letters between people and customers, and what has them inside. */
function isMail(name: PassObjectName): boolean {
  return passObject(name).mail === true || name === 'event' || name === 'export' || name === 'report'
}

function verbsBut(name: PassObjectName, verb: PassVerb): PassVerb[] {
  return passObject(name).verbs.filter((each) => each !== verb)
}

function granting(verbs: (name: PassObjectName) => readonly PassVerb[]): PassGrants {
  const given = Object.keys(passObjects)
    .filter(isPassObject)
    .map((name) => [name, verbs(name).filter((verb) => passObject(name).verbs.includes(verb))] as const)
  return Object.fromEntries(given.filter(([, held]) => held.length > 0))
}
