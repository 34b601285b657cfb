import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock, Config, Destination, StreamWriter } from '../../src/index.ts'
import { createFilesConnector } from '../../src/index.ts'
import { type WriterOptions, writerOptions } from '../context.ts'

let folder = ''
let nowMs = 0
const open: StreamWriter[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-streams-'))
  nowMs = Date.parse('2026-11-27T10:15:00.700Z')
})
afterEach(async () => {
  for (const writer of open.splice(0)) await writer.close()
  await rm(folder, { recursive: true })
})

/** It stands still until a test moves it. */
const clock: Clock = { now: () => nowMs, sleep: async () => undefined }
const signal = new AbortController().signal

async function openDestination(config: Config, options: Partial<WriterOptions> = {}): Promise<Destination> {
  const connector = createFilesConnector({ clock, folder })
  const opening = connector.openDestination?.(config, null, { signal, folder }, writerOptions(options))
  if (opening === undefined) throw new Error('the connector has no destination')
  return opening
}

async function openStream(destination: Destination, plan: Partial<WriterOptions>): Promise<StreamWriter> {
  const writer = await destination.open(writerOptions(plan), signal)
  open.push(writer)
  return writer
}

const content = (name: string) => readFile(join(folder, name), 'utf8')
const seen = async () => (await readdir(folder)).sort()

describe('the streams of a run', () => {
  it('have a file each, named after the form and the stream, and are written side by side', async () => {
    const destination = await openDestination({ file: 'close.csv', format: 'csv' })
    const targets = ['leads', 'Custom activity: Onboarding', 'LeadStatuses']
    const writers = await Promise.all(
      targets.map((target) => openStream(destination, { stream: target, target })),
    )
    await Promise.all(
      writers.map((writer, index) => writer.write({ records: [{ id: `${index}`, name: 'x' }] })),
    )
    // None is there before it is whole.
    expect((await seen()).filter((name) => !name.startsWith('.'))).toEqual([])
    expect(await Promise.all(writers.map((writer) => writer.finish()))).toMatchObject([
      { file: 'close-leads.csv' },
      { file: 'close-custom_activity_onboarding.csv' },
      { file: 'close-lead_statuses.csv' },
    ])
    expect(await seen()).toEqual([
      'close-custom_activity_onboarding.csv',
      'close-lead_statuses.csv',
      'close-leads.csv',
    ])
    expect(await content('close-lead_statuses.csv')).toBe('id,name\n2,x\n')
  })

  it('are refused where two of them would have one file', async () => {
    const destination = await openDestination({ file: 'close.jsonl' })
    const beside = ['Leads', 'leads', null].map((target) => ({ stream: `${target}`, target }))
    for (const plan of beside.slice(0, 2)) {
      await expect(openStream(destination, { ...plan, beside })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('would both be written to close-leads.jsonl'),
      })
    }
    const third = await openStream(destination, { stream: 'null', target: null, beside })
    expect(await third.finish()).toMatchObject({ file: 'close-null.jsonl' })
  })

  it('fit into a name of any length, or are refused with the reason', async () => {
    const destination = await openDestination({ file: `${'n'.repeat(120)}.jsonl` })
    const writer = await openStream(destination, { target: 'a stream of many words '.repeat(20) })
    const name = (await writer.finish())?.file ?? ''
    expect(name).toMatch(/^n{120}-a_stream_of_many_words_[a-z_]*_[\da-f]{8}\.jsonl$/)
    expect(name.length).toBeLessThanOrEqual(180)
    const long = await openDestination({ file: `${'n'.repeat(180)}.jsonl` })
    await expect(openStream(long, { target: 'leads' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining("too long to have a stream's name in it"),
    })
  })

  it('are written where the server has a place for them, as far as that allows it', async () => {
    const claimed: number[] = []
    await mkdir(join(folder, 'own'))
    const file = async (name: string) => ({
      folder: join(folder, 'own'),
      storedName: `stored ${name}`,
      space: { most: 1000, claim: async (bytes: number) => void claimed.push(bytes) },
    })
    const destination = await openDestination({ file: 'close.jsonl' }, { file })
    const writer = await openStream(destination, { target: 'leads', file })
    await writer.write({ records: [{ id: '1' }] })
    expect(await writer.finish()).toEqual({ file: 'close-leads.jsonl', bytes: 11 })
    expect(await content('own/stored close-leads.jsonl')).toBe('{"id":"1"}\n')
    expect(claimed).toEqual([11])
  })
})

describe('what is deleted', () => {
  it('is not in a whole file', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    for (const ids of [['a', 'b'], ['b']]) {
      const writer = await openStream(destination, { deletions: 'mark' })
      await writer.write({ records: ids.map((id) => ({ id })), deleted: ['z'] })
      expect(await writer.sweep?.(null, () => true)).toMatchObject({ deleted: 0 })
      await writer.finish()
      await writer.close()
    }
    expect(await content('leads.jsonl')).toBe('{"id":"b"}\n')
  })

  it.each([
    ['jsonl', '{"id":"a","name":"A"}\n{"id":"b","_deleted_at":"2026-11-27T10:15:00.700Z"}\n'],
    ['csv', 'id,name,_deleted_at\na,A,\nb,,2026-11-27T10:15:00.700Z\n'],
  ])('stands in a file of changes, which leaves the whole one as it is: %s', async (format, text) => {
    const destination = await openDestination({ file: `leads.${format}`, format })
    const first = await openStream(destination, { deletions: 'mark' })
    await first.finish()
    const whole = await content(`leads.${format}`)
    const writer = await openStream(destination, { changes: true, deletions: 'remove' })
    expect(await writer.write({ records: [{ id: 'a', name: 'A' }], deleted: ['b'] })).toMatchObject({
      ...{ written: 1, deleted: 1 },
      refused: [],
    })
    const name = `leads-2026-11-27T10-15-00Z.${format}`
    expect(await writer.finish()).toEqual({ file: name, bytes: text.length })
    expect(await content(name)).toBe(text)
    expect(await content(`leads.${format}`)).toBe(whole)
    // There is nothing to compare with.
    expect(writer.sweep).toBeUndefined()
  })

  it('stands nowhere where deletions are left', async () => {
    const destination = await openDestination({ file: 'leads.csv', format: 'csv' })
    const writer = await openStream(destination, { changes: true })
    expect(await writer.write({ records: [], deleted: ['b'] })).toMatchObject({ written: 0, deleted: 0 })
    await writer.write({ records: [{ id: 'a', name: 'A' }], deleted: ['b'] })
    await writer.finish()
    expect(await content('leads-2026-11-27T10-15-00Z.csv')).toBe('id,name\na,A\n')
  })

  it('can not be told where the records have a column of that name', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    const columns = [{ name: '_deleted_at', label: 'Deleted', type: 'text' }] as const
    const opening = openStream(destination, { changes: true, deletions: 'mark', columns })
    await expect(opening).rejects.toMatchObject({ code: 'invalid_input' })
    await openStream(destination, { changes: true, deletions: 'leave', columns })
  })
})

describe('a file of changes', () => {
  it('is not made where there are none', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    const writer = await openStream(destination, { changes: true, deletions: 'mark' })
    expect(await writer.write({ records: [], deleted: [] })).toMatchObject({ written: 0, state: null })
    expect(await writer.finish()).toBeNull()
    await writer.close()
    expect(await seen()).toEqual([])
  })

  it('never replaces another, however soon the next run comes', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    for (const id of ['a', 'b', 'c']) {
      const writer = await openStream(destination, { target: 'x', changes: true })
      await writer.write({ records: [{ id }] })
      await writer.finish()
      await writer.close()
    }
    expect(await seen()).toEqual([
      'leads-x-2026-11-27T10-15-00Z.jsonl',
      'leads-x-2026-11-27T10-15-01Z.jsonl',
      'leads-x-2026-11-27T10-15-02Z.jsonl',
    ])
  })

  it('comes after those of before by its name, also over midnight and where the clock was set back', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    const write = async (id: string) => {
      const writer = await openStream(destination, { changes: true })
      await writer.write({ records: [{ id }] })
      await writer.finish()
      await writer.close()
    }
    nowMs = Date.parse('2026-11-27T23:59:59.900Z')
    await write('a')
    nowMs += 200
    await write('b')
    nowMs -= 7_200_000
    await write('c')
    await write('d')
    // Those of another stream have times of their own, also where its name begins alike.
    const other = await openStream(destination, { target: 'x', changes: true })
    await other.write({ records: [{ id: 'e' }] })
    await other.finish()
    const names = (await seen()).sort()
    expect(names).toEqual([
      'leads-2026-11-27T23-59-59Z.jsonl',
      'leads-2026-11-28T00-00-00Z.jsonl',
      'leads-2026-11-28T00-00-01Z.jsonl',
      'leads-2026-11-28T00-00-02Z.jsonl',
      'leads-x-2026-11-27T22-00-00Z.jsonl',
    ])
    const lines = await Promise.all(names.slice(0, 4).map(content))
    expect(lines.join('')).toBe('{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n{"id":"d"}\n')
  })

  it('keeps its name when the run is taken up again, and goes on behind what was acknowledged', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    const first = await openStream(destination, { changes: true, deletions: 'mark' })
    const { state } = await first.write({ records: [{ id: 'a' }] })
    await first.write({ records: [{ id: 'lost' }] })
    await first.close()
    nowMs += 3_600_000
    const again = { changes: true, deletions: 'mark', resume: state, attempt: 2 } as const
    const second = await openStream(destination, again)
    expect(second.state).toMatchObject({ attempt: 2, file: 'leads-2026-11-27T10-15-00Z.jsonl' })
    await second.write({ records: [], deleted: ['b'] })
    await second.finish()
    await second.close()
    expect(await seen()).toEqual(['leads-2026-11-27T10-15-00Z.jsonl'])
    expect(await content('leads-2026-11-27T10-15-00Z.jsonl')).toBe(
      '{"id":"a"}\n{"id":"b","_deleted_at":"2026-11-27T11:15:00.700Z"}\n',
    )
  })

  it('is left behind by nobody who gives up', async () => {
    const destination = await openDestination({ file: 'leads.jsonl' })
    const writer = await openStream(destination, { changes: true })
    await writer.write({ records: [{ id: 'a' }] })
    await writer.abort()
    expect(await seen()).toEqual([])
  })
})

describe('half a character', () => {
  it('is counted and told where it is written as CSV, which can not hold it, and is the same in JSON', async () => {
    const records = [{ id: 'a\ud800', name: 'b' }, { id: '\ud83d\ude00', name: '\udc00' }, { id: '\udfff' }]
    const csv = await openStream(await openDestination({ file: 'a.csv', format: 'csv' }), {})
    expect((await csv.write({ records: [{ id: '1', name: 'x' }] })).notices).toEqual([])
    expect((await csv.write({ records })).notices).toMatchObject([
      { code: 'characters_replaced', column: 'id', count: 2, message: expect.stringContaining('U+FFFD') },
      { code: 'characters_replaced', column: 'name', count: 1 },
    ])
    await csv.finish()
    expect(await content('a.csv')).toBe('id,name\n1,x\na\ufffd,b\n\ud83d\ude00,\ufffd\n\ufffd,\n')
    const json = await openStream(await openDestination({ file: 'a.jsonl' }), {})
    expect((await json.write({ records })).notices).toEqual([])
    await json.finish()
    const lines = (await content('a.jsonl')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(records)
  })
})
