import type { Accounts } from '../accounts/accounts.ts'
import { timestamp } from '../clock.ts'
import { EventLog } from '../events/event-log.ts'
import { type JsonObject, textOf } from '../json.ts'
import { hash32 } from '../random.ts'
import { RowIds } from '../record-ids.ts'
import { sampleActivity } from './sample-activities.ts'
import { sampleCustomObject } from './sample-objects.ts'
import { sampleContact, sampleLead, sampleOpportunity, sampleTask } from './sample-records.ts'
import { type SampleSource, sampleSettings } from './sample-source.ts'
import { type Settings, seedSettings } from './settings.ts'
import { buildSkeleton, type ChildRows, type Skeleton } from './skeleton.ts'
import { type SeededRows, Table } from './table.ts'

/** The types of record that live in tables, by the words of the API. */
export const TABLE_NAMES = ['lead', 'contact', 'opportunity', 'task', 'activity', 'custom_object'] as const

export type TableName = (typeof TABLE_NAMES)[number]

/** The tables whose records belong to a lead: they move with it in a merge and go with it. */
export const CHILD_TABLES = ['contact', 'opportunity', 'task', 'activity', 'custom_object'] as const

/** One customer of Close: its settings, its records and its event log. */
export interface Organization {
  readonly id: string
  readonly settings: Settings
  readonly tables: Readonly<Record<TableName, Table>>
  readonly events: EventLog
  readonly accounts: Accounts
  /** Name, dates and whatever else belongs to the organization itself. */
  record: JsonObject
}

/** The organization to make. */
export interface OrganizationSeed {
  readonly id: string
  readonly name: string
  readonly seed: string
  readonly leads: number
  /** Seeded records are made and changed in this span, in milliseconds. */
  readonly fromMs: number
  readonly untilMs: number
}

/** Makes an organization. Its users are members already. */
export function createOrganization(from: OrganizationSeed, accounts: Accounts): Organization {
  const seed = `${from.seed} ${from.id}`
  const users = accounts.usersOf(from.id)
  const [owner] = users
  if (!owner) throw new Error('An organization needs a user before its records.')
  const settings = seedSettings({
    seed,
    organizationId: from.id,
    userId: owner.id,
    createdMs: from.fromMs,
  })
  const skeleton = buildSkeleton({ seed, leads: from.leads, fromMs: from.fromMs, untilMs: from.untilMs })
  const ids = {
    lead: new RowIds(`${seed} lead`),
    contact: new RowIds(`${seed} contact`),
    opportunity: new RowIds(`${seed} opportunity`),
    task: new RowIds(`${seed} task`),
    activity: new RowIds(`${seed} activity`),
    custom_object: new RowIds(`${seed} custom_object`),
  }
  const source: SampleSource = {
    seed: hash32(seed),
    organizationId: from.id,
    users,
    ...sampleSettings(settings),
    skeleton,
    ids,
  }
  return {
    id: from.id,
    record: {
      id: from.id,
      name: from.name,
      created_by: null,
      updated_by: null,
      date_created: timestamp(from.fromMs),
      date_updated: timestamp(from.fromMs),
      plan_type: 'scale',
    },
    settings,
    tables: createTables(source, skeleton),
    events: new EventLog(seed),
    accounts,
  }
}

function createTables(source: SampleSource, skeleton: Skeleton): Record<TableName, Table> {
  const { ids } = source
  const lead = new Table('lead', ids.lead, {
    count: skeleton.leads.created.length,
    dates: { date_created: skeleton.leads.created, date_updated: skeleton.leads.updated },
    children: null,
    prefixOf: () => 'lead',
    kindOf: () => 'lead',
    record: (row) => sampleLead(source, row),
  })
  const leadRowOf = (leadId: string): number | null => lead.seededRowOf(leadId)
  const { contacts, opportunities, tasks, activities, customObjects } = skeleton
  return {
    lead,
    contact: new Table(
      'contact',
      ids.contact,
      { ...children(contacts), prefixOf: () => 'cont', record: (row) => sampleContact(source, row) },
      leadRowOf,
    ),
    opportunity: new Table(
      'opportunity',
      ids.opportunity,
      { ...children(opportunities), prefixOf: () => 'oppo', record: (row) => sampleOpportunity(source, row) },
      leadRowOf,
    ),
    task: new Table(
      'task',
      ids.task,
      {
        ...children(tasks),
        prefixOf: (row) => (tasks.kinds[row] === 'lead' ? 'task' : 'noti'),
        record: (row) => sampleTask(source, row),
      },
      leadRowOf,
    ),
    activity: new Table(
      'activity',
      ids.activity,
      {
        ...children(activities),
        dates: {
          date_created: activities.created,
          date_updated: activities.updated,
          activity_at: activities.created.map((createdMs, row) =>
            activities.kinds[row] === 'Meeting' ? createdMs - (createdMs % 1_800_000) : createdMs,
          ),
        },
        prefixOf: () => 'acti',
        record: (row) => sampleActivity(source, row),
      },
      leadRowOf,
    ),
    custom_object: new Table(
      'custom_object',
      ids.custom_object,
      {
        ...children(customObjects),
        prefixOf: () => 'custobj',
        record: (row) => sampleCustomObject(source, row),
      },
      leadRowOf,
    ),
  }
}

function children(rows: ChildRows<string>): Omit<SeededRows, 'prefixOf' | 'record'> {
  return {
    count: rows.created.length,
    dates: { date_created: rows.created, date_updated: rows.updated },
    children: { owner: rows.owner, first: rows.first },
    kindOf: (row) => rows.kinds[row] ?? '',
  }
}

/** The name of an organization. */
export function nameOf(organization: Organization): string {
  return textOf(organization.record, 'name') ?? ''
}
