import { type Sandbox, startSandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testContext } from '../context.ts'
import { columns, createLeads, DestinationGround, mapping } from './destination-ground.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
let ground: DestinationGround
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
  ground = new DestinationGround(sandbox)
  return () => sandbox.close()
})
beforeEach(() => ground.begin())

describe('the mapping of a Close destination', () => {
  it.each([
    [{ mapping: '' }, 'mapping'],
    [{ mapping: '[]' }, 'mapping'],
    [{ mapping: 'x' }, 'mapping'],
    [{ mapping: mapping(['name', 'name'], ['note', 'name']) }, 'mapping'],
    [{ mapping: mapping(['name', 'html_url']) }, 'mapping'],
    [{ mapping: mapping(['id', 'id'], ['name', 'name']) }, 'mapping'],
    [{ mode: 'update' }, 'mapping'],
    [{ mapping: mapping(['note', 'description']) }, 'mapping'],
    [{ object: 'contacts', mapping: mapping(['note', 'title']) }, 'mapping'],
    [{ object: 'opportunities', mapping: mapping(['note', 'note']) }, 'mapping'],
    [{ mode: 'update', mapping: mapping(['id', 'id'], ['name', 'contacts']) }, 'mapping'],
    [{ mode: 'delete' }, 'mode'],
    [{ object: 'users' }, 'object'],
  ])('refuses the form %j', async (parts, field) => {
    await expect(ground.openWriter({ ...createLeads, ...parts })).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field }],
    })
  })

  it.each([
    [['nmae', 'description'], 'nmae'],
    [['name', 'custom.cf_unknown'], 'custom.cf_unknown'],
  ] as const)('refuses a mapping of %j, which the account has not', async (pair, word) => {
    await expect(
      ground.openWriter({ ...createLeads, mapping: mapping(['name', 'name'], [...pair]) }),
    ).rejects.toMatchObject({
      code: 'mapping_invalid',
      message: expect.stringContaining(word),
    })
  })
})

describe('the preview of a Close destination', () => {
  it('previews what it would do and does nothing', async () => {
    const id = ground.leads()[0]?.['id']
    const preview = await sandboxConnector(sandbox).preview?.(
      { object: 'leads', mode: 'upsert', mapping: mapping(['id', 'id'], ['name', 'name']) },
      keyCredential(sandbox),
      testContext(),
      {
        columns,
        records: [
          { id, name: 'A' },
          { id: '', name: 'B' },
          { id: '', name: '' },
        ],
        key: 'id',
        ordered: false,
      },
    )
    expect(preview?.rows.map(({ action, after }) => [action, after])).toEqual([
      ['update', { id, name: 'A' }],
      ['create', { name: 'B' }],
      ['refuse', null],
    ])
    expect(preview?.targetColumns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['id', 'name', 'status_id']),
    )
    expect(ground.made()).toEqual([])
  })

  it('says what can be mapped to while nothing is mapped yet', async () => {
    const preview = await sandboxConnector(sandbox).preview?.(
      { object: 'contacts', mode: 'create', mapping: '' },
      keyCredential(sandbox),
      testContext(),
      {
        columns,
        records: ground.rows(2),
        key: 'id',
        ordered: false,
      },
    )
    expect(preview?.rows).toEqual([])
    const targets = preview?.targetColumns.map(({ name }) => name)
    expect(targets).toContain('emails')
    expect(targets).not.toContain('id')
  })
})
