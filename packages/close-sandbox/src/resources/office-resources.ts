import { invalid } from '../api/errors.ts'
import { type ApiRequest, fieldsOf } from '../api/request.ts'
import { timestamp } from '../clock.ts'
import type { JsonObject } from '../json.ts'
import { NEWER_LENGTH } from '../record-ids.ts'
import { classic, classicWrites, newerWrites, SMALL_PAGES } from './collection-bases.ts'
import type { SampledResource } from './collection-samples.ts'
import { filledText, list, nullable, oneOf, text } from './validate.ts'

/** Members are shown of one group and only when `_fields` names them. */
function withoutMembers({ members: _, ...group }: JsonObject): JsonObject {
  return group
}

/** A user sees only associations of their own: those that they allow, or those that they are allowed. */
function ownAssociations({ caller, query }: ApiRequest): (record: JsonObject) => boolean {
  const allowing = query.get('allowing_user_id')
  const allowed = query.get('allowed_user_id')
  const own = caller.user.id
  if (allowing === null && allowed === null) return (record) => record['allowing_user_id'] === own
  if (allowing !== own && allowed !== own) {
    throw invalid({}, ['allowing_user_id or allowed_user_id must be your own user ID.'])
  }
  return (record) =>
    (allowing === null || record['allowing_user_id'] === allowing) &&
    (allowed === null || record['allowed_user_id'] === allowed)
}

/** What an organization sets up once: groups, outcomes, playbooks, links, accounts and forms. */
export const OFFICE_RESOURCES: readonly SampledResource[] = [
  {
    ...classic,
    path: '/group/',
    collection: 'group',
    idPrefix: 'group',
    idLength: NEWER_LENGTH,
    eventType: 'group',
    audit: 'none',
    paging: null,
    show: withoutMembers,
    showOne: (group, request) => (fieldsOf(request)?.has('members') ? group : withoutMembers(group)),
    seeded: 3,
    sample: ({ organization, number }) => ({
      name: ['Field sales', 'Support', 'Renewals team'][number] ?? `Group ${number + 1}`,
      members: organization.accounts
        .usersOf(organization.id)
        .filter((_, at) => at !== number)
        .map(({ id }) => ({ user_id: id })),
    }),
    writes: {
      ...newerWrites,
      rules: { name: filledText },
      required: ['name'],
      defaults: ({ caller, body }) => {
        const names = caller.organization.settings.group.all().map(({ name }) => name)
        if (names.includes(body['name'] ?? null)) throw invalid({ name: 'A group with this name exists.' })
        return { members: [] }
      },
    },
  },
  {
    ...classic,
    path: '/outcome/',
    collection: 'outcome',
    idPrefix: 'outcome',
    idLength: NEWER_LENGTH,
    eventType: null,
    paging: SMALL_PAGES,
    order: 'latest',
    seeded: 4,
    sample: ({ number }) => ({
      name:
        ['Interested', 'Voicemail left', 'Wrong person', 'Demo agreed'][number] ?? `Outcome ${number + 1}`,
      description: number % 2 === 0 ? null : 'Chosen after the conversation',
      applies_to: number % 3 === 0 ? ['calls', 'meetings'] : ['calls'],
      type: number === 1 ? 'vm-dropped' : 'custom',
    }),
    writes: {
      ...classicWrites,
      createStatus: 201,
      permission: 'manage_customizations',
      rules: {
        name: filledText,
        description: nullable(text),
        applies_to: nullable(list),
        type: oneOf(['vm-dropped', 'custom']),
      },
      required: ['name'],
      defaults: () => ({ description: null, applies_to: ['calls', 'meetings'], type: 'custom' }),
    },
  },
  {
    ...classic,
    path: '/playbook/',
    collection: 'playbook',
    idPrefix: 'playbook',
    idLength: NEWER_LENGTH,
    eventType: null,
    audit: 'at',
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'position',
    filters: ['position__gt', 'created_at__lt'],
    scope: ({ query }) => {
      const archived = query.get('is_archived')
      return archived ? (record) => (record['archived_at'] !== null) === (archived === 'true') : null
    },
    seeded: 3,
    sample: ({ number, anyId, updatedMs, user }) => ({
      name: ['First call', 'Renewal talk', 'Trade fair'][number] ?? `Playbook ${number + 1}`,
      description: number === 0 ? null : 'What to ask, and in which order',
      summary_guidance: number % 2 === 0 ? 'Three sentences, no names' : null,
      position: number,
      custom_field_ids: [anyId('custom_field')].filter((id) => id !== null),
      outcome_ids: [anyId('outcome')].filter((id) => id !== null),
      archived_at: number === 2 ? timestamp(updatedMs) : null,
      archived_by_id: number === 2 ? user.id : null,
    }),
    writes: {
      ...newerWrites,
      permission: 'manage_customizations',
      rules: {
        name: filledText,
        description: nullable(text),
        summary_guidance: nullable(text),
        custom_field_ids: list,
        outcome_ids: list,
      },
      required: ['name'],
      defaults: ({ caller }) => ({
        description: null,
        summary_guidance: null,
        position: caller.organization.settings.playbook.all().length,
        custom_field_ids: [],
        outcome_ids: [],
        archived_at: null,
        archived_by_id: null,
      }),
    },
  },
  {
    ...classic,
    path: '/integration_link/',
    collection: 'integration_link',
    idPrefix: 'ilink',
    eventType: null,
    paging: null,
    selectsFields: false,
    readPermission: 'manage_organization',
    seeded: 3,
    sample: ({ number }) => ({
      name: `Open in the order system (${number + 1})`,
      type: (['lead', 'contact', 'opportunity'] as const)[number % 3] ?? 'lead',
      url: `https://orders.example/find/${number + 1}?name={{ name }}`,
    }),
    writes: {
      ...classicWrites,
      rules: { name: filledText, type: oneOf(['lead', 'contact', 'opportunity']), url: filledText },
      required: ['name', 'type', 'url'],
    },
  },
  {
    ...classic,
    path: '/send_as/',
    collection: 'send_as',
    idPrefix: 'sendas',
    eventType: null,
    audit: 'dates',
    paging: null,
    selectsFields: false,
    scope: ownAssociations,
    seeded: 2,
    sample: ({ organization, number }) => {
      const users = organization.accounts.usersOf(organization.id).map(({ id }) => id)
      const [first = null, second = null] = number % 2 === 0 ? users : users.toReversed()
      return { allowing_user_id: first, allowed_user_id: second }
    },
    writes: null,
  },
  {
    ...classic,
    path: '/form/',
    collection: 'form',
    idPrefix: 'form',
    idLength: NEWER_LENGTH,
    eventType: null,
    paging: null,
    selectsFields: false,
    seeded: 2,
    sample: ({ number }) => ({ name: ['Contact us', 'Order a demo'][number] ?? `Form ${number + 1}` }),
    writes: null,
  },
  ...(['scheduling_link', 'shared_scheduling_link'] as const).map(
    (collection): SampledResource => ({
      ...classic,
      path: `/${collection}/`,
      collection,
      idPrefix: collection === 'scheduling_link' ? 'schedlink' : 'sharedlink',
      idLength: NEWER_LENGTH,
      eventType: null,
      paging: null,
      selectsFields: false,
      seeded: 2,
      sample: ({ user, number }) => ({
        name: ['Half an hour', 'A visit'][number] ?? `Link ${number + 1}`,
        description: number === 0 ? null : 'At your place',
        url: `https://meet.example/${collection}/${number + 1}`,
        ...(collection === 'scheduling_link' ? { user_id: user.id } : {}),
      }),
      writes: null,
    }),
  ),
]
