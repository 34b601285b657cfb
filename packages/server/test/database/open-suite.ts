import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { type MakePlace, openTestStores } from './database.ts'
import { checkpointOf, insertFlow } from './samples.ts'

export function describeOpening(makePlace: MakePlace): void {
  describe('opening', () => {
    it('finds again what was kept', async () => {
      const place = await makePlace()
      const first = await openStores(place.settings)
      await first.metadata.set('kept', 'yes')
      await first.close()
      const second = await openStores(place.settings)
      expect(await second.metadata.get('kept')).toBe('yes')
      await second.close()
      await place.remove()
    })

    it('refuses a database of a newer version, changing nothing', async () => {
      const place = await makePlace()
      const first = await openStores(place.settings)
      await sql`insert into latchwork_migration (name, timestamp) values ('9999-later', '2030-01-01T00:00:00Z')`.execute(
        first.kysely,
      )
      await first.close()
      await expect(openStores(place.settings)).rejects.toMatchObject({
        code: 'database_newer',
        message: expect.stringContaining('9999-later'),
      })
      await place.remove()
    })

    it('leaves all as it was when a change of the tables fails half-way, and goes on when nothing is in its way', async () => {
      const place = await makePlace('none')
      const before = await openDatabase(place.settings)
      await migrate(before, '0019-sliding-attempts')
      // The next migration renames two tables and then gives another table this name.
      await sql`create table metadata (name text)`.execute(before.auth)
      await expect(migrate(before)).rejects.toThrow('metadata')
      expect(await sql`select * from ends`.execute(before.auth)).toMatchObject({ rows: [] })
      await sql`drop table metadata`.execute(before.auth)
      await before.close()
      const after = await openStores(place.settings)
      expect(await after.metadata.get('kept')).toBeNull()
      await after.close()
      await place.remove()
    })

    it('keeps a whole page of progress, or none of it, when the process is killed', async () => {
      const place = await makePlace()
      const before = await openStores(place.settings)
      const { flow } = await insertFlow(before)
      const run = await before.runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      await before.close()
      const url = place.settings.databaseUrl?.reveal() ?? ''
      const script = new URL('./progress-child.ts', import.meta.url).pathname
      const child = spawn(process.execPath, [script, url, place.settings.dataDir, run.id], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let acknowledged = 0
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        acknowledged = Number(String(chunk).trim().split('\n').at(-1))
        if (acknowledged >= 30) break
      }
      if (place.settings.databaseUrl === null)
        await expect(openStores(place.settings)).rejects.toMatchObject({ code: 'database_locked' })
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')

      const after = await openStores(place.settings)
      const kept = await after.runs.find(run.id)
      const pages = kept?.pages ?? 0
      expect(pages).toBeGreaterThanOrEqual(acknowledged)
      expect(kept === null ? null : await checkpointOf(after, kept)).toBe(pages)
      expect((await after.records.refused(run.id, { limit: 1 }, null)).total).toBe(pages)
      expect((await after.records.last(run.id))[0]?.records).toBe(`sealed ${pages}`)
      await after.close()
      await place.remove()
    })

    it("has better-auth's tables, in its own spelling", async () => {
      await using opened = await openTestStores(makePlace)
      const { kysely, kind } = opened.stores
      const at = kind === 'sqlite' ? '2026-01-01T00:00:00.000Z' : new Date('2026-01-01')
      const times = { createdAt: at, updatedAt: at }
      const user = {
        id: 'u',
        name: 'Probe',
        email: 'probe@latchwork.example',
        image: null,
        role: 'member',
        ...times,
      }
      await kysely
        .insertInto('user')
        .values({ ...user, emailVerified: kind === 'sqlite' ? 1 : true })
        .execute()
      expect(await kysely.selectFrom('user').selectAll().execute()).toMatchObject([user])
    })
  })
}
