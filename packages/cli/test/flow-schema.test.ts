import { beforeAll, expect, it } from 'vitest'
import { startWithTables, type TablesProduct } from './tables.ts'

let product: TablesProduct
beforeAll(async () => {
  product = await startWithTables(12)
  return () => product[Symbol.asyncDispose]()
})

const sides = ['--from', 'Close', '--to', 'Tables'] as const
const create = (name: string, ...options: string[]) =>
  product.shell.json(['flow', 'create', name, ...sides, ...options])
const tables = async (schema: string) => {
  const { rows } = await product.database.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1',
    [schema],
  )
  return rows.map(({ name }) => String(name))
}

it('a flow has a schema and tables of lists of its own, and is given another schema or none', async () => {
  const made = await create(
    'Own',
    ...['--stream', 'contacts', '--stream', 'leads', '--lists-apart', 'contacts', '--schema', 'crm'],
    ...['--compare', 'daily', '--deleted', 'remove'],
  )
  expect(made).toMatchObject({
    ...{ schema: 'crm', compare: 'daily' },
    streams: {
      chosen: [
        { stream: 'contacts', lists: 'tables', deletions: 'remove' },
        expect.not.objectContaining({ lists: 'tables' }),
      ],
    },
  })
  const run = await product.shell.run(['flow', 'run', 'Own', '--wait'])
  expect(run, run.stderr).toMatchObject({ code: 0 })
  const inSchema = await tables('crm')
  expect(inSchema).toEqual(expect.arrayContaining(['contacts', 'contacts_emails', 'leads']))
  expect(inSchema.filter((name) => name.startsWith('leads_'))).toEqual([])
  expect(await tables('public')).toEqual([])

  const asked = await product.shell.run(['flow', 'move', 'Own', '--schema', 'sales'])
  expect(asked).toMatchObject({ code: 4, stderr: expect.stringContaining('(rereads_all)') })
  const moved = await product.shell.json(['flow', 'move', 'Own', '--schema', 'sales', '--reread'])
  expect(moved).toMatchObject({ schema: 'sales' })
  expect((await product.shell.run(['flow', 'run', 'Own', '--wait'])).code).toBe(0)
  expect(await tables('sales')).toEqual(inSchema)
  const back = await product.shell.json(['flow', 'move', 'Own', '--schema', '', '--reread'])
  expect(back).toMatchObject({ schema: null })
})

it('everything is chosen with its lists apart, and with the records that are the same in one way', async () => {
  const options = ['--lists-apart', '--same-records', 'whole', '--deleted', 'leave']
  expect(await create('All', '--everything', ...options)).toMatchObject({
    streams: { everything: true, lists: 'tables', sameRecords: 'whole', deletions: 'leave' },
  })
  expect(await create('All by the usual', '--everything')).toMatchObject({
    streams: { everything: true, sameRecords: 'parts', deletions: 'mark' },
  })
  expect(await product.shell.json(['flow', 'update', 'All', '--compare', 'never'])).toMatchObject({
    compare: 'never',
    streams: { everything: true, lists: 'tables' },
  })
})

it('every stream that is named has its lists apart where none is said', async () => {
  expect(await create('Both', '--stream', 'leads', '--stream', 'contacts', '--lists-apart')).toMatchObject({
    streams: { chosen: [{ lists: 'tables' }, { lists: 'tables' }] },
  })
})

it('alerts of changed columns are taken back', async () => {
  const watch = async (option: string) => {
    await product.shell.run(['flow', 'alerts', 'Both', option])
    const { items } = await product.client.flows.list({ query: { query: 'Both' } })
    return items[0]?.watch.schemaChanges
  }
  expect(await watch('--no-schema-changes')).toBe(false)
  expect(await watch('--schema-changes')).toBe(true)
})

it.each([
  [['--stream', 'leads', '--lists-apart', 'contacts'], 'not "contacts"'],
  [['--everything', '--lists-apart', 'leads'], 'name none'],
  [['--lists-apart'], '--lists-apart is about streams'],
  [['--column', 'leads:name'], '--column is about streams'],
  [['--set', 'leads.status_id=x'], '--set is about a stream'],
  [['--everything', '--column', 'leads:name'], '--column is about streams'],
  [['--stream', 'leads', '--same-records', 'some'], 'parts, whole, both'],
  [['--everything', '--compare', 'hourly'], 'daily, weekly'],
])('a flow is not made of %j, and nothing of it is dropped', async (options, words) => {
  const refused = await product.shell.run(['flow', 'create', 'Wrong', ...sides, ...options])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain(words)
})
