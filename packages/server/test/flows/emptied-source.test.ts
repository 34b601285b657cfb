import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startWithClose, type WithClose } from '../with-close.ts'
import { endOf, fileText, makeFlow, runFlow } from './moving.ts'

let made: WithClose
beforeAll(async () => {
  made = await startWithClose({ leads: 1 })
  return made.stop
})

const rows = (count: number) =>
  `Name,Note\n${Array.from({ length: count }, (_, at) => `Lead ${at},"line 1\nline 2"\n`).join('')}`

/** A flow from a CSV file to another file, which has run once. */
async function flowOf(name: string, count: number, format: string) {
  const { server, person } = made
  const source = join(server.dataDir, 'files', `${name}-in.csv`)
  await writeFile(source, rows(count))
  const file = `${name}.${format}`
  const flowId = await makeFlow(
    person.client,
    { connector: 'files', credentialId: null, config: { file: `${name}-in.csv`, format: 'csv' } },
    { connector: 'files', credentialId: null, config: { file, format } },
  )
  expect(await runFlow(person.client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: count })
  const content = () => fileText(person, server.url, file)
  return { flowId, content, fill: (next: number) => writeFile(source, rows(next)) }
}

describe('a source that suddenly has nothing', () => {
  it.each(['jsonl', 'csv'])(
    'leaves a file of before as it is, until it is said to be gone: %s',
    async (format) => {
      const { client } = made.person
      const { flowId, content, fill } = await flowOf('many', 30, format)
      const before = await content()
      await fill(0)
      const held = await runFlow(client, flowId)
      expect(held).toMatchObject({ status: 'partial', recordsRead: 0, output: null })
      expect(held.notices).toEqual([expect.objectContaining({ code: 'deletions_held', count: 30 })])
      expect(held.notices[0]?.message).toContain('30 records')
      expect(await content()).toBe(before)
      const flow = await client.flows.get({ params: { id: flowId } })
      expect(flow.attention).toMatchObject({ kind: 'partial' })
      const run = await client.flows.run({ params: { id: flowId }, body: { gone: true } })
      expect(await endOf(client, run.id)).toMatchObject({ status: 'succeeded', notices: [] })
      expect((await content()).split('\n').filter((line) => line.includes('Lead'))).toEqual([])
      // An empty file is replaced by an empty one without a question.
      expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', notices: [] })
    },
  )

  it('replaces a file of few records, and whatever has something replaces any file', async () => {
    const few = await flowOf('few', 20, 'jsonl')
    await few.fill(0)
    expect(await runFlow(made.person.client, few.flowId)).toMatchObject({ status: 'succeeded' })
    expect(await few.content()).toBe('')
    const some = await flowOf('some', 30, 'jsonl')
    await some.fill(1)
    expect(await runFlow(made.person.client, some.flowId)).toMatchObject({ status: 'succeeded' })
  })
})
