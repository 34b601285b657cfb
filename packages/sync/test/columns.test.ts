import type { StreamPlan } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { expect, it } from 'vitest'
import { executeRun } from '../src/index.ts'
import { counted } from './together.ts'
import { ids, journaling, noFuse, saved } from './world.ts'

const notice = { code: 'schema_changed', column: 'name', count: 1, message: 'Name has changed.' } as const

it('the destination is told what columns are called, and the run what has changed of them', async () => {
  const world = counted(3)
  const plans: StreamPlan[] = []
  const request = world.request(noFuse())
  const outcome = await executeRun({
    ...journaling(request, {
      opened: async (_stream, columns) => ({
        columns: columns.map((column) => ({ ...column, as: `our_${column.name}` })),
        notices: [notice],
        held: null,
      }),
    }),
    openDestination: async (signal) => {
      const destination = await request.openDestination(signal)
      return {
        ...destination,
        open: (plan, ended) => {
          plans.push(plan)
          return destination.open(plan, ended)
        },
      }
    },
  })
  expect(outcome.status).toBe('succeeded')
  expect(plans[0]?.columns).toContainEqual(expect.objectContaining({ name: 'id', as: 'our_id' }))
  expect(saved(world).notices).toEqual([notice])
  expect(world.delivered()).toEqual(ids(3))
})

it('a stream that is held reads and writes nothing, and says what has changed', async () => {
  const world = counted(3)
  const held = new LatchworkError('schema_change_held', { message: 'Seats is text now.' })
  const request = journaling(world.request(noFuse()), {
    opened: async (_stream, columns) => ({ columns, notices: [notice], held }),
  })
  const outcome = await executeRun({
    ...request,
    openDestination: () => Promise.reject(new Error('the destination was opened')),
  })
  expect(outcome).toMatchObject({
    status: 'failed',
    error: { code: 'schema_change_held', message: 'Seats is text now.' },
    again: null,
  })
  expect([world.delivered(), saved(world).notices]).toEqual([[], [notice]])
})
