import { LatchworkError } from '@latchwork/contract'
import type { RunFault, RunOutcome, StreamOutcome } from './run.ts'

type Failed = Extract<StreamOutcome, { status: 'failed' }>

/**
 * What the streams make of their run: `partial` where one of them did not come to its end, or not with all of its records;
 * `failed` where none did.
 */
export function outcomeOf(streams: ReadonlyMap<string, StreamOutcome>): RunOutcome {
  const all = [...streams]
  const failed = all.filter((each): each is [string, Failed] => each[1].status === 'failed')
  const [first] = failed
  if (all.some(([, { status }]) => status === 'cancelled')) return plain('cancelled', streams)
  if (first === undefined) {
    const isWhole = all.every(([, { status }]) => status === 'succeeded')
    return plain(isWhole ? 'succeeded' : 'partial', streams)
  }
  const waits = failed.flatMap(([, { again }]) => (again === null ? [] : [again.afterMs]))
  return {
    status: failed.length === all.length ? 'failed' : 'partial',
    streams,
    error: all.length === 1 ? first[1].error : faultOfStreams(failed, all.length),
    cause: first[1].cause,
    again: waits.length === 0 ? null : { afterMs: Math.max(...waits) },
  }
}

/** Of a run that could not even begin. */
export function failedRun(error: LatchworkError): RunOutcome {
  return { status: 'failed', streams: new Map(), error: faultOf(error), cause: error, again: null }
}

function plain(status: RunOutcome['status'], streams: RunOutcome['streams']): RunOutcome {
  return { status, streams, error: null, cause: null, again: null }
}

/** Which failed, and why: the reason of all of them, or of each. */
function faultOfStreams(failed: readonly (readonly [string, Failed])[], count: number): RunFault {
  const [first] = failed
  const messages = new Set(failed.map(([, { error }]) => error.message))
  if (first !== undefined && messages.size === 1 && failed.length === count) return first[1].error
  const each = failed.map(([name, { error }]) => `${name}: ${error.message}`).join(' ')
  return { code: 'streams_failed', message: `${failed.length} of ${count} streams failed. ${each}` }
}

/** What went wrong, in a code and a sentence for a person. An error without a code is ours, and its words are for the log. */
export function faultOf(error: unknown): RunFault {
  if (error instanceof LatchworkError) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: "Something went wrong on our side. The server's log has the details under this run's id.",
  }
}
