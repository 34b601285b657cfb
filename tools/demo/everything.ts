import type { Client, Run } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import pg from 'pg'
import { startPostgres } from '../postgres.ts'
import { expectEqual, followRun } from './run-flow.ts'

export interface EverythingResult {
  readonly streams: number
  /** Of the first run, and of the second. */
  readonly records: number
  readonly changes: number
}

/** Streams that are compared record by record, with the sandbox's own words for what is in them. */
const compared = {
  leads: 'lead',
  contacts: 'contact',
  opportunities: 'opportunity',
  tasks: 'task',
  notes: 'note',
  calls: 'call',
  emails: 'email',
  sms: 'sms',
  meetings: 'meeting',
  custom_objects: 'custom_object',
  email_templates: 'email_template',
  lead_statuses: 'lead_status',
} as const

/**
 * Everything of the first organization into a PostgreSQL of its own; then some of it is changed, deleted and merged in
 * Close, and the flow runs again. After each run the tables are compared with what Close has.
 * @throws Error that says what differs
 */
export async function moveEverything(
  client: Client,
  sandbox: Sandbox,
  credentialId: string,
  say: (line: string) => void,
): Promise<EverythingResult> {
  const postgres = await startPostgres()
  const database = new pg.Client({ connectionString: postgres.url })
  try {
    await database.connect()
    say(`Everything goes into ${postgres.origin}.`)
    const flow = await makeFlow(client, credentialId, new URL(postgres.url))
    const run = async () =>
      followRun(client, say, 'Everything', await client.flows.run({ params: { id: flow } }))
    const first = await run()
    await compareAll(database, sandbox)
    say('The tables are equal to Close.')
    change(sandbox, say)
    const second = await run()
    await compareAll(database, sandbox)
    say('The tables are equal to Close again; what was deleted is marked.')
    return {
      streams: await countStreams(client, first),
      records: first.recordsWritten,
      changes: second.recordsWritten,
    }
  } finally {
    await database.end()
    await postgres.stop()
  }
}

async function makeFlow(client: Client, credentialId: string, url: URL): Promise<string> {
  const values = {
    ...{ host: url.hostname, port: url.port, database: url.pathname.slice(1), user: url.username },
    ...{ password: url.password || 'none', tls: 'disable' },
  }
  const warehouse = await client.credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Demo warehouse', values },
  })
  const source = await client.sources.create({
    body: { connector: 'close', credentialId, name: 'All of Close', config: { object: 'streams' } },
  })
  const destination = await client.destinations.create({
    body: {
      ...{ connector: 'postgres', credentialId: warehouse.id, name: 'Demo tables' },
      config: { schema: 'public' },
    },
  })
  const flow = await client.flows.create({
    body: {
      ...{ name: 'Everything', sourceId: source.id, destinationId: destination.id },
      streams: { everything: true, deletions: 'mark' },
    },
  })
  return flow.id
}

async function countStreams(client: Client, { id }: Run): Promise<number> {
  const { streams } = await client.runs.get({ params: { id } })
  return streams.filter(({ status }) => status === 'succeeded').length
}

/** People at work in Close. */
function change({ control, organizations }: Sandbox, say: (line: string) => void): void {
  const ids = (type: string) =>
    control.truth(organizations[0]?.id ?? '', type).map((record) => String(record['id']))
  const [edited = '', deleted = '', source = '', destination = ''] = ids('lead')
  control.edit({ type: 'lead', id: edited, changes: { description: 'Changed in the demonstration' } })
  control.remove({ type: 'lead', id: deleted })
  control.merge({ source, destination })
  const [task = ''] = ids('task')
  control.remove({ type: 'task', id: task })
  control.insert({ type: 'note', record: { lead_id: edited, note: 'Written in the demonstration' } })
  say(
    'In Close: one lead changed, one deleted with all that belongs to it, one merged into another, a task deleted, a note added.',
  )
}

async function compareAll(database: pg.Client, { control, organizations }: Sandbox): Promise<void> {
  for (const [stream, type] of Object.entries(compared)) {
    const truth = control
      .truth(organizations[0]?.id ?? '', type)
      .map(wordsOf)
      .sort()
    const { rows } = await database.query<Record<string, unknown>>(
      `select * from ${pg.escapeIdentifier(stream)} where _deleted_at is null`,
    )
    const held = rows.map(wordsOf).sort()
    expectEqual(`records in the table ${stream}`, held.length, truth.length)
    const at = truth.findIndex((words, index) => words !== held[index])
    if (at !== -1) expectEqual(`a record in the table ${stream}`, held[at], truth[at])
  }
}

/** What tells one state of a record from another: its id, the time of its last change, and what people wrote. */
function wordsOf(record: Readonly<Record<string, unknown>>): string {
  const time = record['date_updated']
  const texts = ['lead_id', 'name', 'description', 'note'].map((name) => record[name] ?? null)
  const atMs = time === null || time === undefined ? null : new Date(String(time)).getTime()
  return JSON.stringify([record['id'], time instanceof Date ? time.getTime() : atMs, ...texts])
}
