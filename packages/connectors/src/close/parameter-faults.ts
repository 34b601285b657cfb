import { type FieldValues, isLaterDay, offeredName } from '@latchwork/contract'
import { byHandFaults } from './by-hand/request.ts'
import { byHandName } from './by-hand/stream.ts'

/** Faults in the parameters of a stream beyond what their definitions say: field name to the rest of a sentence. */
export function parameterFaults(stream: string, values: FieldValues): Record<string, string> {
  if (offeredName(stream) === byHandName) return byHandFaults(values)
  return { ...rangeFaults(values), ...(stream === 'event_log' ? eventFaults(values) : {}) }
}

const ranges = [
  ['created_from', 'created_to'],
  ['updated_from', 'updated_to'],
  ['won_from', 'won_to'],
  ['due_from', 'due_to'],
  ['from', 'to'],
  ['date_start', 'date_end'],
] as const

function rangeFaults(values: FieldValues): Record<string, string> {
  const fault = 'must not be before the day that it begins with'
  return Object.fromEntries(
    ranges
      .filter(([from, to]) => isLaterDay(values[from] ?? '', values[to] ?? '9'))
      .map(([, to]): [string, string] => [to, fault]),
  )
}

/** Close takes only some filters of its log together. @see https://developer.close.com/resources/event-log/ */
function eventFaults(values: FieldValues): Record<string, string> {
  const { object_type: type, action, user_id: user } = values
  if (action !== undefined && type === undefined) {
    return { action: 'needs the kind of record: Close takes both together' }
  }
  if (type !== undefined && action === undefined && user === undefined) {
    return { object_type: 'needs what happened, or a user: Close takes it with one of these' }
  }
  return {}
}
