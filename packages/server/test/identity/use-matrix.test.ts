import { newId, type ResourceKind } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { FlowPermission } from '../../src/flows/runs/permission.ts'
import { AccessRules } from '../../src/identity/rules.ts'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { newEnd, newFlow } from '../database/samples.ts'
import { closeCredential, endOf } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { type Column, columns, leastToUse, type Person, peopleOf } from './table.ts'

type Part = keyof typeof leastToUse
const owners = columns.filter((column) => column !== 'nobody')
/** A part is six flows and ten runs, which take their time on a busy machine. */
const timeout = 120_000
const roles = ['collaborator', 'operator', 'admin'] as const

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('#52 who may use, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let people: ReadonlyMap<Column, Person>
  beforeAll(async () => {
    const made = await startWithClose({ leads: 3, makePlace })
    ;({ sandbox, server } = made)
    people = await peopleOf(server)
    return made.stop
  })

  const person = (column: Column): Person => {
    const found = people.get(column)
    if (found === undefined) throw new Error(`there is nobody who is ${column}`)
    return found
  }

  /** A file with bytes, of the person in the column. */
  async function newFile(column: Column): Promise<string> {
    const name = `${newId('file')}.jsonl`
    const { browser } = person(column)
    const answer = await browser.fetch(`${server.url}/api/files/in-${name}`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1' },
      body: '{"name":"One"}\n',
    })
    return String(JSON.parse(answer.body).id)
  }

  async function newSide(
    kind: 'source' | 'destination',
    owner: Column,
    { file = null, credentialId = null }: { file?: string | null; credentialId?: string | null },
  ): Promise<string> {
    const { sides, files } = server.app.stores
    const mapping = '[{"from":"name","to":"name"}]'
    const config =
      credentialId === null ? { file: file ?? `${newId('file')}.x`, format: 'jsonl' } : { object: 'leads' }
    const made = await sides.insert(
      newEnd({
        kind,
        ownerId: person(owner).id,
        connector: credentialId === null ? 'files' : 'close',
        credentialId,
        config: credentialId === null || kind === 'source' ? config : { ...config, mode: 'create', mapping },
      }),
    )
    await files.bind(made.id, file)
    return made.id
  }

  /** What is tried: the owner's, and shared with whoever owns the flow as their column says. */
  async function newThing(part: Part): Promise<{ kind: ResourceKind; id: string }> {
    if (part === 'source file' || part === 'destination file') {
      return { kind: 'file', id: await newFile('owner') }
    }
    if (part === 'source credential' || part === 'destination credential') {
      return { kind: 'credential', id: await closeCredential(person('owner').client, sandbox, newId('flow')) }
    }
    if (part === 'destination') return { kind: part, id: await newSide(part, 'owner', {}) }
    const file = await newFile('owner')
    const body = { subject: { kind: 'everyone' }, role: 'collaborator' } as const
    await person('owner').client.fileAccess.set({ params: { id: file }, body })
    return { kind: part, id: await newSide(part, 'owner', { file }) }
  }

  /** A flow of the person in the column, of which all but one part is their own. */
  async function newFlowOf(column: Column, part: Part): Promise<string> {
    const { access, flows } = server.app.stores
    const { kind, id } = await newThing(part)
    for (const role of roles.filter((each) => each === column)) {
      const subject = { kind: 'member', id: person(column).id } as const
      await access.grant(kind, id, { subject, role, by: person('owner').id })
    }
    const given = (side: 'source' | 'destination') => ({
      ...(part === `${side} file` ? { file: id } : {}),
      ...(part === `${side} credential` ? { credentialId: id } : {}),
    })
    const own = part.startsWith('source') ? {} : { file: await newFile(column) }
    const source = part === 'source' ? id : await newSide('source', column, { ...own, ...given('source') })
    const destination =
      part === 'destination' ? id : await newSide('destination', column, given('destination'))
    const flow = await flows.insert(
      newFlow(source, destination, { ownerId: person(column).id, schedule: { kind: 'every', minutes: 60 } }),
    )
    return flow.id
  }

  interface Asked {
    readonly column: Column
    readonly flowId: string
  }
  type Code = string | null
  const each = (all: readonly Asked[], ask: (asked: Asked) => Promise<Code>) => Promise.all(all.map(ask))

  /** What each moment comes to for each flow: null, or the code of the refusal. */
  const moments: Record<string, (all: readonly Asked[]) => Promise<Code[]>> = {
    'at the start of a run': (all) =>
      each(all, ({ flowId, column }) => {
        const { client } = person(column)
        const started = client.flows.run({ params: { id: flowId } })
        return started.then(
          async (run) => (await endOf(client, run.id)).error?.code ?? null,
          async () => (await problem(started)).code,
        )
      }),
    // As each page of a run asks; that each asks, whatever it moves, is held by the engine's tests and use.test.ts.
    'at its next page': (all) => {
      const { stores } = server.app
      const permission = new FlowPermission({ stores, rules: new AccessRules(stores.access) })
      return each(all, async ({ flowId }) => (await permission.refusal(flowId, []))?.code ?? null)
    },
    'when its schedule comes': async (all) => {
      for (const { flowId } of all) {
        await server.app.stores.flows.update(flowId, { nextRunAt: 0 })
      }
      await server.app.tick(new AbortController().signal)
      const { client } = person('workspace admin')
      return each(all, async ({ flowId }) => {
        const [run] = (await client.runs.list({ query: { flowId } })).items
        const { error } = await endOf(client, run?.id ?? '')
        const { paused } = await client.flows.get({ params: { id: flowId } })
        expect(paused?.code ?? null).toBe(error?.code ?? null)
        return error?.code ?? null
      })
    },
  }

  it.each(Object.keys(leastToUse).filter(isPart))('a %s', { timeout }, async (part) => {
    const least = columns.indexOf(leastToUse[part])
    const all: Asked[] = []
    // One after the other: so many uploads at once are more than a share.
    for (const column of owners) all.push({ column, flowId: await newFlowOf(column, part) })
    const said = owners.map((column) => [
      column,
      columns.indexOf(column) >= least ? null : 'access_withdrawn',
    ])
    for (const [moment, ask] of Object.entries(moments)) {
      const answered = await ask(all)
      expect(
        all.map(({ column }, index) => [column, answered[index]]),
        moment,
      ).toEqual(said)
    }
  })
})

function isPart(part: string): part is Part {
  return Object.hasOwn(leastToUse, part)
}
