import type { Flow } from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { runDetails } from './runs/runs.ts'
import type { FlowView } from './store/flows.ts'

/** A flow as the page sees it, without the caller's role. */
export type FlowDetails = Omit<Flow, 'yourRole'>

export function flowView(row: FlowView): FlowDetails {
  const { ownerId, ownerName, sourceId: _sourceId, destinationId: _destinationId, ...view } = row
  const { lastRun, paused, schedule } = view
  return {
    ...view,
    owner: { id: ownerId, name: ownerName ?? '' },
    scheduleMinutes: schedule?.kind === 'every' ? schedule.minutes : null,
    nextRunAt: toTimeOrNull(view.nextRunAt),
    paused: paused === null ? null : { ...paused, at: toTime(paused.at) },
    lastRun: lastRun === null ? null : runDetails(lastRun),
    createdAt: toTime(view.createdAt),
    updatedAt: toTime(view.updatedAt),
  }
}
