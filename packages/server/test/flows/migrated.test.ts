import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { startRunning } from '../running.ts'
import { closeCredential, endOf, runFlow } from './moving.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const hashOf = (identity: string) => createHash('sha256').update(identity).digest('hex')
const names = Array.from({ length: 9 }, (_, index) => `Old ${index}`)

/** A flow of before the ledger was the flow's, with its last run, which stopped in the middle. */
interface OldFlow {
  readonly flowId: string
  readonly runId: string
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('a run that an earlier version began, on %s', (_, makePlace) => {
  /** What the version of migration 0023 has stored. */
  const oldDatabase = async (
    place: TestPlace,
    flows: readonly {
      readonly source: { readonly connector: string; readonly config: object }
      readonly config: object
      readonly ledger: readonly { identity: string; resolved: boolean; outcome: string | null }[]
    }[],
  ): Promise<OldFlow[]> => {
    const database = await openDatabase(place.settings)
    await migrate(database, '0023-quarantine')
    const add = (table: string, row: Record<string, unknown>) =>
      sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))})`.execute(database.tables)
    const made: OldFlow[] = []
    for (const { source, config, ledger } of flows) {
      const [flowId, runId] = [newId('flow'), newId('run')]
      const named = { name: flowId, name_key: flowId.toLowerCase(), description: '', owner_id: 'usr_1' }
      const times = { search_name: '', search_description: '', created_at: 1, updated_at: 1 }
      const sides = [
        ['source', source] as const,
        ['destination', { connector: 'close', config }] as const,
      ].map(([kind, side]) => ({ id: newId(kind), kind, ...side }))
      for (const side of sides)
        await add('sides', { ...side, config: JSON.stringify(side.config), ...named, ...times })
      const [from, to] = sides
      await add('flows', { id: flowId, source_id: from?.id, destination_id: to?.id, ...named, ...times })
      await add('runs', { id: runId, flow_id: flowId, status: 'failed', created_at: 2, finished_at: 3 })
      for (const { identity, resolved, outcome } of ledger)
        await add('ledger', {
          ...{ run_id: runId, key_hash: hashOf(identity), at: Date.now() - 2_000 },
          ...{ resolved: Number(resolved), outcome },
        })
      made.push({ flowId, runId })
    }
    await database.close()
    return made
  }
  const byHand = async (sandbox: Sandbox, path: string, body: object): Promise<string> => {
    const key = Buffer.from(`${sandbox.apiKeys[0]?.key ?? ''}:`).toString('base64')
    const answer = await fetch(`${sandbox.apiUrl}/api/v1/${path}/`, {
      method: 'POST',
      headers: { authorization: `Basic ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return z.object({ id: z.string() }).parse(await answer.json()).id
  }

  it('goes on, and creates nothing again', { timeout: 60_000 }, async () => {
    const sandbox = await startSandbox({ leads: 5 })
    cleanups.push(() => sandbox.close())
    const place = await makePlace('none')
    cleanups.push(() => place.remove())
    const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
    const leads = truth('lead').map((lead) => String(lead['id']))
    // Of nine, three were created; the fourth was, too, but its answer was lost; the fifth was not.
    const created: string[] = []
    for (const name of names.slice(0, 4)) created.push(await byHand(sandbox, 'lead', { name }))
    const contacts: string[] = []
    for (const id of leads.slice(0, 2))
      contacts.push(await byHand(sandbox, 'contact', { lead_id: id, name: 'Old contact' }))
    const ofFile = names.slice(0, 5).map((_name, index) => ({
      identity: `record:${index}`,
      resolved: index < 3,
      outcome: index < 3 ? (created[index] ?? null) : null,
    }))
    const ofClose = contacts.map((outcome, index) => ({
      ...{ identity: `key:${leads[index]}`, resolved: true, outcome },
    }))
    const mapping = (pairs: Record<string, string>) =>
      JSON.stringify(Object.entries(pairs).map(([from, to]) => ({ from, to })))
    const [file, close] = await oldDatabase(place, [
      {
        source: { connector: 'files', config: { file: 'old.jsonl', format: 'jsonl' } },
        config: { object: 'leads', mode: 'create', mapping: mapping({ name: 'name' }) },
        ledger: ofFile,
      },
      {
        source: { connector: 'close', config: { object: 'leads' } },
        config: { object: 'contacts', mode: 'create', mapping: mapping({ id: 'lead_id', name: 'name' }) },
        ledger: ofClose,
      },
    ])
    if (file === undefined || close === undefined) throw new Error('there are two flows')
    const server = await startRunning(sandbox, { settings: place.settings, closeListLagMs: 300 })
    cleanups.push(() => server.stop())
    writeFileSync(
      join(server.settings.dataDir, 'files', 'old.jsonl'),
      names.map((name) => JSON.stringify({ name })).join('\n'),
    )
    const { client } = await server.signedIn()
    const credentialId = await closeCredential(client, sandbox)
    const { user } = await client.session.get()
    const { tables } = server.app.stores.database
    const ownerId = user?.id ?? ''
    await tables.updateTable('sides').set({ ownerId }).execute()
    await tables.updateTable('sides').set({ credentialId }).where('connector', '=', 'close').execute()
    await tables.updateTable('flows').set({ ownerId }).execute()
    // As if it had been under way when the servers were stopped for the upgrade.
    await tables
      .updateTable('runs')
      .set({ status: 'running', finishedAt: null })
      .where('id', '=', file.runId)
      .execute()
    await server.restart()
    const again = (await server.signedIn()).client
    expect(await endOf(again, file.runId)).toMatchObject({
      ...{ status: 'succeeded', recordsWritten: names.length, recordsRefused: 0, resumes: 1 },
    })
    const made = truth('lead').filter((lead) => String(lead['name']).startsWith('Old '))
    expect(made.map((lead) => lead['name']).sort()).toEqual(names)

    // Records with keys are known in the next run, too. Nothing is asked, for the last one failed.
    const [all, contactsBefore] = [truth('lead').length, truth('contact').length]
    expect(await runFlow(again, close.flowId)).toMatchObject({ status: 'succeeded', recordsWritten: all })
    expect(truth('contact').length).toBe(contactsBefore + all - contacts.length)
  })
})
