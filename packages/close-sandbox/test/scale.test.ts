import { describe, expect, it } from 'vitest'
import { startSandbox } from '../src/index.ts'
import { caller, rowsOf } from './client.ts'

describe('100,000 leads', () => {
  it('start within ten seconds, and are searched and listed', async () => {
    const start = performance.now()
    const sandbox = await startSandbox({ leads: 100_000 })
    const startedMs = performance.now() - start
    try {
      const call = caller(sandbox)
      const field = { type: 'regular_field', object_type: 'lead', field_name: 'date_updated' }
      const body = {
        query: { type: 'object_type', object_type: 'lead' },
        sort: [{ direction: 'asc', field }],
        _fields: { lead: ['id', 'name', 'date_updated'] },
        _limit: 200,
      }
      let page = await call('POST', '/data/search/', body)
      for (let pages = 0; pages < 20; pages += 1) {
        page = await call('POST', '/data/search/', { ...body, cursor: page.body['cursor'] ?? null })
        expect(rowsOf(page)).toHaveLength(200)
      }
      expect(startedMs).toBeLessThan(10_000)
      expect((await call('GET', '/lead/?_skip=35000&_limit=200&_fields=id')).body['total_results']).toBe(
        100_000,
      )
    } finally {
      await sandbox.close()
    }
  })
})
