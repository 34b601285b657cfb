import { describe, expect, it } from 'vitest'
import {
  type FlowStream,
  type FlowStreams,
  flowStreamSchema,
  goesOnFrom,
  readingOf,
  rereadStreams,
} from '../src/index.ts'

const chosen = (choice: Partial<FlowStream> = {}): FlowStreams => ({
  everything: false,
  chosen: [flowStreamSchema.parse({ stream: 'leads', mode: 'incremental', target: 'leads', ...choice })],
})
const isReread = (before: FlowStreams, after: FlowStreams) => rereadStreams(before, after).length > 0

describe('a stream whose choice is changed', () => {
  const some = chosen({ columns: ['name', 'status_id'], parameters: { status_id: 'stat_1', user_id: 'u' } })

  it.each([
    ['names of columns alone', chosen({ columns: ['status_id', { name: 'name', as: 'called' }] })],
    ['a column less', chosen({ columns: ['name'] })],
    ['deletions that are left', chosen({ columns: ['name', 'status_id'], deletions: 'leave' })],
    ['parameters in another order', some],
  ])('goes on after %s', (_what, after) => {
    const [choice] = after.everything ? [] : after.chosen
    const parameters = { user_id: 'u', status_id: 'stat_1' }
    expect(isReread(some, chosen({ ...choice, parameters }))).toBe(false)
  })

  it.each([
    ['a further column', { columns: ['name', 'status_id', 'url'] }],
    ['all columns', { columns: ['*', { name: 'name', as: 'called' }] }],
    ['another filter', { parameters: { status_id: 'stat_2', user_id: 'u' } }],
    ['a filter less', { parameters: { user_id: 'u' } }],
    ['another name in the destination', { target: 'people' }],
  ])('is read whole after %s', (_what, change) => {
    const [choice] = some.everything ? [] : some.chosen
    expect(isReread(some, chosen({ ...choice, ...change }))).toBe(true)
  })

  it('is read whole where deletions were left until now', () => {
    expect(isReread(chosen({ deletions: 'leave' }), chosen({ deletions: 'remove' }))).toBe(true)
  })

  it('is read whole where what is marked is to be removed, and not the other way round', () => {
    expect(isReread(chosen({ deletions: 'mark' }), chosen({ deletions: 'remove' }))).toBe(true)
    expect(isReread(chosen({ deletions: 'remove' }), chosen({ deletions: 'mark' }))).toBe(false)
  })

  it('goes on under the name that a flow which reads everything has given it', () => {
    const everything: FlowStreams = { everything: true, deletions: 'mark', sameRecords: 'parts' }
    const held = flowStreamSchema.parse({ stream: 'cotype_1A', target: 'deal' })
    const reading = readingOf(everything, 'cotype_1A', 'deal')
    expect(reading !== null && goesOnFrom(held, reading)).toBe(true)
  })

  it('goes on with names for columns where all of them were read', () => {
    expect(isReread(chosen(), chosen({ columns: ['*', { name: 'name', as: 'called' }] }))).toBe(false)
    expect(isReread(chosen({ columns: ['*', { name: 'name', as: 'called' }] }), chosen())).toBe(false)
  })
})
