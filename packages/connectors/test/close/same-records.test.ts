import { readOfAll, type SameRecords } from '@latchwork/contract'
import { startSandbox } from 'close-sandbox'
import { expect, it, onTestFinished } from 'vitest'
import { activityKinds } from '../../src/close/activity-fields.ts'
import { streamRows } from '../../src/close/streams.ts'
import { openSandboxSource } from './stream-reading.ts'

it('everything has each record once: in the whole, or in the parts', async () => {
  const sandbox = await startSandbox({ leads: 1 })
  onTestFinished(() => sandbox.close())
  const streams = await (await openSandboxSource(sandbox)).streams()
  const read = (sameRecords: SameRecords) => readOfAll(streams, sameRecords).map(({ name }) => name)
  const kinds = ['notes', 'calls', 'lead_status_changes', 'import_updates']
  const types = streams.flatMap(({ name }) => (/^(actitype|cotype)_/.test(name) ? [name] : []))
  const wholes = ['activities', 'custom_activities', 'custom_objects']
  expect(types.length).toBeGreaterThan(2)
  expect(read('parts')).toEqual(expect.arrayContaining([...kinds, ...types, 'leads']))
  expect(read('parts').filter((name) => wholes.includes(name))).toEqual([])
  expect(read('whole')).toEqual(expect.arrayContaining(['activities', 'custom_objects', 'leads']))
  expect(read('whole').filter((name) => [...kinds, ...types, 'custom_activities'].includes(name))).toEqual([])
  expect(read('both')).toHaveLength(streams.length - 1)
  // What is recommended has no record twice either.
  const recommended = streams.filter((stream) => stream.recommended)
  const names = recommended.map(({ name }) => name)
  expect(recommended.filter(({ within }) => names.includes(within ?? ''))).toEqual([])
  // Each kind of all activities is a stream of its own.
  const parts = streamRows.filter(({ within }) => within === 'activities')
  expect(parts).toHaveLength(activityKinds.length)
})
