import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a preview, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  let client: Client
  let credentialId = ''
  beforeAll(async () => {
    const made = await startWithClose({ leads: 3, makePlace })
    ;({ sandbox, server: running } = made)
    client = made.person.client
    credentialId = await closeCredential(client, sandbox)
    await writeFile(
      join(running.dataDir, 'files', 'leads.csv'),
      'name,status\nA,Potential\n"B,\nsplit",Qualified\nC\nD,Prospect\n,Potential\n',
    )
    return made.stop
  })

  const source = () => ({
    connector: 'files',
    credentialId: null,
    config: { file: 'leads.csv', format: 'csv' },
  })
  const destination = () => ({
    connector: 'close',
    credentialId,
    config: {
      object: 'leads',
      mode: 'create',
      mapping: JSON.stringify(['name', 'status'].map((name) => ({ from: name, to: name }))),
    },
  })

  it('refuses what the run refuses, each with its row: what the source, the plan and the account refuse', async () => {
    const { rows } = await client.destinations.preview({
      body: { source: source(), destination: destination() },
    })
    expect(rows.map(({ row, action }) => [row, action])).toEqual([
      [2, 'create'],
      [3, 'create'],
      [4, 'refuse'],
      [5, 'refuse'],
      [6, 'refuse'],
    ])
    const refused = rows.filter(({ action }) => action === 'refuse')
    expect(refused.every(({ after }) => after === null)).toBe(true)
    const run = await runFlow(client, await makeFlow(client, source(), destination()))
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(new Map(refused.map(({ row, message }) => [row, message]))).toEqual(
      new Map(items.map(({ row, message }) => [row, message])),
    )
    expect(refused[1]?.message).toContain('Status, by label (status) takes a lead status of this account')
  })
})
