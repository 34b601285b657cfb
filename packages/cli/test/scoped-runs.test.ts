import { flowStreamSchema, runSchema } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { startWithTables } from './tables.ts'

let sandbox: Sandbox
let shell: Shell
let database: pg.Client
beforeAll(async () => {
  const product = await startWithTables(60)
  ;({ sandbox, shell, database } = product)
  const { client, sourceId, destinationId } = product
  const chosen = [
    flowStreamSchema.parse({ stream: 'leads', label: 'Leads', mode: 'full', target: 'leads' }),
    flowStreamSchema.parse({ stream: 'contacts', label: 'Contacts', mode: 'incremental' }),
  ]
  const streams = { everything: false as const, chosen }
  await client.flows.create({ body: { name: 'Mirror', sourceId, destinationId, streams } })
  return () => product[Symbol.asyncDispose]()
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const count = async (where: string) => {
  const { rows } = await database.query(`SELECT count(*)::int AS n FROM ${where}`)
  return rows[0]?.n
}
const nextReads = async () => {
  const { stdout } = await shell.run(['flow', 'streams', 'Mirror'])
  return ['leads', 'contacts'].map((name) =>
    new RegExp(`^${name} .*`, 'm').exec(stdout)?.[0].split(/\s+/).at(-1),
  )
}

it('runs some streams of a flow, and names one that is not among them', async () => {
  const all = await shell.run(['flow', 'run', 'Mirror', '--wait'])
  expect(all, all.stderr).toMatchObject({ code: 0 })
  expect(await nextReads()).toEqual(['everything', 'changes'])
  const run = runSchema.parse(await shell.json(['flow', 'run', 'Mirror', '--stream', 'contacts', '--wait']))
  expect(run).toMatchObject({
    status: 'succeeded',
    scope: { streams: ['contacts'], range: null, gone: false },
  })
  const wrong = await shell.run(['flow', 'run', 'Mirror', '--stream', 'tasks'])
  expect(wrong.code).toBe(4)
  expect(wrong.stderr).toContain('tasks is none that the flow reads')
})

it('forgets how far a stream was read, once somebody agrees', async () => {
  const reset = ['flow', 'reset', 'Mirror', '--stream', 'contacts']
  const unsaid = await shell.run(reset)
  expect(unsaid.code).toBe(2)
  expect(unsaid.stderr).toContain('the next run reads it whole')
  expect(await nextReads()).toEqual(['everything', 'changes'])
  const done = await shell.run([...reset, '--yes'])
  expect(done, done.stderr).toMatchObject({ code: 0, stdout: 'The next run reads whole: contacts.\n' })
  expect(await nextReads()).toEqual(['everything', 'everything'])
  const { stderr } = await shell.run([...reset.slice(0, -1), 'leads'])
  expect(stderr).toContain('Leads is read whole by every run, so there is nothing to forget.')
})

it('reads the records of some days again', async () => {
  await database.query('DELETE FROM contacts')
  const day = String(truth('contact')[0]?.['date_created']).slice(0, 10)
  const backfill = ['flow', 'backfill', 'Mirror', '--stream', 'contacts', '--from', day]
  const unsaid = await shell.run([...backfill, '--to', day])
  expect(unsaid.code).toBe(2)
  expect(unsaid.stderr).toContain(`from ${day} to the end of ${day} (UTC) is read again`)
  expect(await count('contacts')).toBe(0)
  const backwards = await shell.run([...backfill, '--to', '2001-01-01', '--yes'])
  expect(backwards.code).toBe(2)
  expect(backwards.stderr).toContain('--to must not be before the first day.')
  const run = runSchema.parse(await shell.json([...backfill, '--to', day, '--wait', '--yes']))
  expect(run).toMatchObject({
    status: 'succeeded',
    scope: { streams: ['contacts'], range: { from: day, to: day } },
  })
  const ofDay = truth('contact').filter((contact) => String(contact['date_created']).startsWith(day))
  const { rows } = await database.query('SELECT id FROM contacts')
  expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(ofDay.map(({ id }) => id)))
})

it('holds deletions back, and takes them once somebody says that they are right', async () => {
  for (const { id } of truth('lead').slice(0, 40)) sandbox.control.remove({ type: 'lead', id: String(id) })
  const held = await shell.run(['flow', 'run', 'Mirror', '--stream', 'leads', '--wait'])
  expect(held.code).toBe(7)
  expect(held.stdout + held.stderr).toMatch(/more than half of its 60/)
  expect(await count('leads WHERE _deleted_at IS NOT NULL')).toBe(0)
  const gone = await shell.run(['flow', 'run', 'Mirror', '--stream', 'leads', '--gone', '--wait'])
  expect(gone, gone.stderr).toMatchObject({ code: 0 })
  expect(await count('leads WHERE _deleted_at IS NOT NULL')).toBe(40)
  expect(await count('leads WHERE _deleted_at IS NULL')).toBe(20)
})
