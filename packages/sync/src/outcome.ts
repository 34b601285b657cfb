import { LatchworkError } from '@latchwork/contract'
import type { ChosenStream, RunFault, RunOutcome, StreamOutcome, StreamStop } from './run.ts'

type Failed = Extract<StreamOutcome, { status: 'failed' }>
type Stopped = Exclude<StreamStop, { status: 'cancelled' }>

/** A sentence names so many streams. */
const namedStreams = 10

/**
 * What the streams make of their run: `partial` where one of them did not come to its end, or not with all of its records;
 * `failed` where none did. One that was passed over makes no difference.
 * @param chosen says what they are called
 */
export function outcomeOf(
  streams: ReadonlyMap<string, StreamOutcome>,
  chosen: readonly ChosenStream[],
): RunOutcome {
  const labels = new Map(chosen.map(({ stream, label = '' }) => [stream, label]))
  const all = [...streams].map(([stream, outcome]) => [labels.get(stream) || stream, outcome] as const)
  const is = <S extends Stopped['status']>(status: S) =>
    all.filter((each): each is [string, Extract<Stopped, { status: S }>] => each[1].status === status)
  const [failed, skipped] = [is('failed'), is('skipped')]
  const count = all.length - skipped.length
  const [first] = failed
  if (all.some(([, { status }]) => status === 'cancelled')) return plain('cancelled', streams)
  if (count === 0) return { ...plain('failed', streams), error: faultOfSkipped(skipped) }
  if (first === undefined) {
    const isWhole = all.every(([, { status }]) => status === 'succeeded' || status === 'skipped')
    return plain(isWhole ? 'succeeded' : 'partial', streams)
  }
  const waits = failed.flatMap(([, { again }]) => (again === null ? [] : [again.afterMs]))
  return {
    status: failed.length === count ? 'failed' : 'partial',
    streams,
    error: count === 1 ? first[1].error : faultOfStreams(failed, count),
    cause: first[1].cause,
    again: waits.length === 0 ? null : { afterMs: Math.max(...waits) },
  }
}

/** Of a run that ended before its streams were known. */
export function outcomeWithout(stop: Failed | { readonly status: 'cancelled' }): RunOutcome {
  return stop.status === 'cancelled' ? plain('cancelled', new Map()) : { ...stop, streams: new Map() }
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
  return {
    code: 'streams_failed',
    message: `${failed.length} of ${count} streams failed. ${reasonsOf(failed)}`,
  }
}

function faultOfSkipped(skipped: readonly (readonly [string, Stopped])[]): RunFault {
  const code = 'stream_unavailable'
  if (skipped.length === 0) return { code, message: 'The source has no streams.' }
  return { code, message: `None of the source's streams may be read. ${reasonsOf(skipped)}` }
}

function reasonsOf(stopped: readonly (readonly [string, Stopped])[]): string {
  const named = stopped.slice(0, namedStreams).map(([name, { error }]) => `${name}: ${error.message}`)
  const more = stopped.length - named.length
  return [...named, ...(more === 0 ? [] : [`And ${more} more.`])].join(' ')
}

/** What went wrong, in a code and a sentence for a person. An error without a code is ours, and its words are for the log. */
export function faultOf(error: unknown): RunFault {
  if (error instanceof LatchworkError) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: "Something went wrong on our side. The server's log has the details under this run's id.",
  }
}
