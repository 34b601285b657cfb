import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginRun, type End, sameNames } from '../../tools/demo/run-flow.ts'
import { credentialByKey, killAndRestart, runUntil, type Session, startSession } from './session.ts'

const leads = 1200
let session: Session
let from: string
let to: string
beforeAll(async () => {
  session = await startSession(leads)
  const [first, second] = session.demo.sandbox.organizations
  from = first?.id ?? ''
  to = second?.id ?? ''
})
afterAll(() => session.demo.stop())

const ids = (records: readonly unknown[]) =>
  records.map((record) => String(Reflect.get(Object(record), 'id'))).sort()
const names = (records: readonly unknown[]) =>
  records.map((record) => String(Reflect.get(Object(record), 'name'))).sort()
const truth = (organizationId: string) => session.demo.sandbox.control.truth(organizationId, 'lead')

describe('a server killed in the middle of a run', () => {
  it('completes the file after its restart, with every record once and no half file before', async () => {
    const { client, demo } = session
    const credential = await credentialByKey(session, from)
    const file = 'killed.jsonl'
    demo.sandbox.control.setLatency(150)
    const { id } = await beginRun(
      client,
      'Killed twice',
      { connector: 'close', credentialId: credential.id, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
    )
    for (const share of [0.2, 0.6]) {
      await runUntil(client, id, (run) => run.recordsWritten >= leads * share)
      await killAndRestart(session)
      const list = await client.files.list()
      expect(list.items.map((item) => item.name)).not.toContain(file)
    }
    demo.sandbox.control.setLatency(0)
    const run = await runUntil(client, id, ({ finishedAt }) => finishedAt !== null)
    expect(run).toMatchObject({
      status: 'succeeded',
      recordsRead: leads,
      recordsWritten: leads,
      recordsRefused: 0,
    })
    expect(run.resumes).toBeGreaterThanOrEqual(1)
    const lines = readFileSync(join(demo.dataDir, 'files', file), 'utf8')
      .trim()
      .split('\n')
    expect(ids(lines.map((line) => JSON.parse(line)))).toEqual(ids(truth(from)))
  }, 150_000)

  it('creates every record in Close once', async () => {
    const { client, demo } = session
    const credential = await credentialByKey(session, to)
    const before = truth(to).length
    demo.sandbox.control.setLatency(20)
    const source: End = {
      connector: 'files',
      credentialId: null,
      config: { file: 'killed.jsonl', format: 'jsonl' },
    }
    const config = { object: 'leads', mode: 'create', mapping: sameNames('name', 'description') }
    const { id } = await beginRun(client, 'Killed while creating', source, {
      connector: 'close',
      credentialId: credential.id,
      config,
    })
    await runUntil(client, id, () => truth(to).length > before + leads * 0.3)
    await killAndRestart(session)
    demo.sandbox.control.setLatency(0)
    const run = await runUntil(client, id, ({ finishedAt }) => finishedAt !== null)
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: leads, recordsRefused: 0 })
    const made = truth(to).length - before
    expect(made).toBe(leads)
    const inFirst = new Set(names(truth(from)))
    expect(names(truth(to)).filter((name) => inFirst.has(name)).length).toBeGreaterThanOrEqual(leads)
  }, 240_000)
})
