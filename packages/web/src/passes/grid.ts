import {
  type PassGrants,
  type PassObjectName,
  type PassVerb,
  passObject,
  passVerbs,
} from '@latchwork/contract'

interface ObjectGroup {
  readonly label: string
  readonly objects: readonly PassObjectName[]
}

/** The objects as a person looks for them. */
export const objectGroups: readonly ObjectGroup[] = [
  { label: 'People and deals', objects: ['lead', 'contact', 'opportunity', 'task'] },
  {
    label: 'Conversations',
    objects: [
      'note',
      'email',
      'call',
      'sms',
      'whatsapp',
      'meeting',
      'custom_activity',
      'activity',
      'comment',
    ],
  },
  { label: 'Other records', objects: ['custom_object', 'file', 'form'] },
  { label: 'Finding and reporting', objects: ['smart_view', 'report', 'event', 'export'] },
  {
    label: 'Outreach and automation',
    objects: ['sequence', 'bulk_action', 'template', 'playbook', 'scheduling_link', 'enrichment'],
  },
  {
    label: 'Set-up',
    objects: [
      'status',
      'custom_field',
      'user',
      'organization',
      'connected_account',
      'phone_number',
      'unsubscribe',
      'integration_link',
      'webhook',
    ],
  },
]

/** The boxes that one click is about: an object and a verb that it has. */
export interface Box {
  readonly name: PassObjectName
  readonly verb: PassVerb
}

/** Boxes of some objects and verbs, without those that do not exist. */
export function boxesOf(names: readonly PassObjectName[], verbs: readonly PassVerb[] = passVerbs): Box[] {
  return names.flatMap((name) =>
    passObject(name)
      .verbs.filter((verb) => verbs.includes(verb))
      .map((verb) => ({ name, verb })),
  )
}

export function isTicked(given: PassGrants, { name, verb }: Box): boolean {
  return given[name]?.includes(verb) ?? false
}

/** How many of some boxes are ticked. */
export function tickedOf(given: PassGrants, boxes: readonly Box[]): 'none' | 'some' | 'all' {
  const count = boxes.filter((box) => isTicked(given, box)).length
  return count === 0 ? 'none' : count === boxes.length ? 'all' : 'some'
}

/** The grants with some boxes ticked, or none of them. An object without any is left out. */
export function withBoxes(given: PassGrants, boxes: readonly Box[], isOn: boolean): PassGrants {
  const names = new Set(boxes.map(({ name }) => name))
  const changed = [...names].map((name) => {
    const touched = (verb: PassVerb) => boxes.some((box) => box.name === name && box.verb === verb)
    const verbs = passObject(name).verbs.filter((verb) =>
      touched(verb) ? isOn : (given[name]?.includes(verb) ?? false),
    )
    return [name, verbs] as const
  })
  const all = Object.entries({ ...given, ...Object.fromEntries(changed) })
  return Object.fromEntries(all.filter(([, verbs]) => verbs.length > 0))
}
