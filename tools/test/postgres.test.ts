import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { machineBinaries } from '../postgres/binaries.ts'
import { startPostgres } from '../postgres.ts'

describe('startPostgres', () => {
  it.each([machineBinaries(process.env) === undefined ? 'embedded' : 'anywhere', 'embedded'] as const)(
    'starts a server (from %s) that makes databases, and removes it',
    async (from) => {
      const server = await startPostgres({ from })
      try {
        expect(server.origin).toContain(from === 'embedded' ? 'package' : 'this machine')
        await query(server.url, 'create database other')
        const other = server.url.replace(/postgres$/, 'other')
        expect(await query(other, "select 'naïve'::text as word")).toEqual([{ word: 'naïve' }])
      } finally {
        await server.stop()
      }
      await expect(query(server.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
    },
  )

  it('uses a server that is named, and leaves it alone', async () => {
    const url = 'postgres://someone@db.example/postgres'
    const server = await startPostgres({ url })
    await server.stop()
    expect(server.url).toBe(url)
  })

  it('leaves nothing behind when its process is killed', { timeout: 60_000 }, async () => {
    const script = `
      import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, '../postgres.ts'))}
      const { url } = await startPostgres()
      console.log(url)
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = await firstLine(holder.stdout)
    const [{ folder = '' } = {}] = await query(url, "select current_setting('data_directory') as folder")
    expect(folder.startsWith(tmpdir()) && existsSync(folder)).toBe(true)
    holder.kill('SIGKILL')
    await expect.poll(() => existsSync(join(folder, '..')), { timeout: 20_000 }).toBe(false)
    await expect(query(url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
  })
})

async function query(connectionString: string, sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line
  throw new Error('The stream ended without a line.')
}
