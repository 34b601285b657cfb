import { LatchworkError } from '@latchwork/contract'
import type { Dispatcher } from 'undici'
import type { Answer } from './answer.ts'
import { Ended, type Failure, failureOf } from './failure.ts'
import type { Outbound } from './sides.ts'

/** How one request to Close ended. */
export type ExchangeEnd =
  | { readonly kind: 'answered' }
  /** Close refused the credential, and there is another one. Nothing has gone out. */
  | { readonly kind: 'replay' }
  | ({ readonly kind: 'failed' } & Failure)

/** One request to Close: its answer goes to the client as fast as the client takes it. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #answer: Answer
  readonly #response: Outbound
  readonly #idleMs: number
  readonly #reads: boolean
  readonly #isReplaced: (() => Promise<boolean>) | null
  readonly #done: (end: ExchangeEnd) => void
  #controller: Dispatcher.DispatchController | null = null
  #isDeciding = false
  #hasEnded = false
  #aborted: Error | null = null
  #hasStarted = false
  #isAnswered = false

  /**
   * @param reads whether the request changes nothing
   * @param isReplaced whether there is another credential after a 401; null: it is not asked
   */
  constructor(
    answer: Answer,
    response: Outbound,
    idleMs: number,
    reads: boolean,
    isReplaced: (() => Promise<boolean>) | null,
    done: (end: ExchangeEnd) => void,
  ) {
    this.#answer = answer
    this.#response = response
    this.#idleMs = idleMs
    this.#reads = reads
    this.#isReplaced = isReplaced
    this.#done = done
  }

  abort(error: Error): void {
    this.#aborted ??= error
    if (this.#controller === null) this.#fail(error)
    else this.#controller.abort(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted !== null) controller.abort(this.#aborted)
    else this.#hasStarted = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Before the answer there may be hints that it is coming.
    if (status < 200) return
    this.#isAnswered = true
    const rawHeaders = textsOf(controller.rawHeaders)
    if (status !== 401 || this.#isReplaced === null) {
      this.#begin(status, rawHeaders)
      return
    }
    this.#isDeciding = true
    controller.pause()
    this.#isReplaced().then(
      (isReplaced) => this.#decided(isReplaced, status, rawHeaders),
      (error: Error) => this.abort(error),
    )
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#orAbort(() => {
      const takesMore = this.#answer.data(chunk)
      if (takesMore === true) return
      controller.pause()
      if (takesMore === false) this.#resumeOnDrain(controller)
      else this.#resumeWhenDecided(controller, takesMore)
    })
  }

  #resumeOnDrain(controller: Dispatcher.DispatchController): void {
    const slow = setTimeout(() => this.abort(new Ended('client_slow')), this.#idleMs)
    const close = () => clearTimeout(slow)
    this.#response.once('close', close)
    this.#response.once('drain', () => {
      clearTimeout(slow)
      this.#response.off('close', close)
      controller.resume()
    })
  }

  /** It has to be found out what of a part of the answer goes out. Its end may come meanwhile. */
  #resumeWhenDecided(controller: Dispatcher.DispatchController, takesMore: Promise<boolean>): void {
    this.#isDeciding = true
    takesMore.then(
      (isMore) => {
        this.#isDeciding = false
        if (this.#aborted !== null && this.#hasEnded) this.#fail(this.#aborted)
        if (this.#aborted !== null) return
        if (this.#hasEnded) this.#end()
        else if (isMore) controller.resume()
        else this.#resumeOnDrain(controller)
      },
      (error: unknown) => {
        // Of an answer that has come to its end, nothing is left that could be aborted.
        if (this.#hasEnded) this.#fail(asError(error))
        else this.abort(asError(error))
      },
    )
  }

  onResponseEnd(): void {
    this.#hasEnded = true
    if (!this.#isDeciding) this.#end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#aborted ?? error)
  }

  #decided(isReplaced: boolean, status: number, rawHeaders: readonly string[]): void {
    this.#isDeciding = false
    if (this.#aborted !== null) return
    if (isReplaced) {
      this.#done({ kind: 'replay' })
      if (!this.#hasEnded) this.abort(new Ended('broken_off'))
      return
    }
    this.#begin(status, rawHeaders)
    if (this.#hasEnded) this.#end()
    else this.#controller?.resume()
  }

  #begin(status: number, rawHeaders: readonly string[]): void {
    this.#orAbort(() => this.#answer.begin(status, rawHeaders))
  }

  #end(): void {
    if (this.#aborted !== null) return
    // Nothing is left that could be aborted.
    const fail = (error: unknown) => this.#fail(asError(error))
    try {
      const ending = this.#answer.end()
      if (ending instanceof Promise) ending.then(() => this.#done({ kind: 'answered' }), fail)
      else this.#done({ kind: 'answered' })
    } catch (error) {
      fail(error)
    }
  }

  #fail(error: Error): void {
    const [hasStarted, isAnswered] = [this.#hasStarted, this.#isAnswered]
    this.#done({ kind: 'failed', ...failureOf(error, this.#reads, hasStarted, isAnswered) })
  }

  #orAbort(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.abort(asError(error))
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new LatchworkError('internal', { cause: thrown })
}

function textsOf(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return []
  return rawHeaders.map((each) => (typeof each === 'string' ? each : each.toString('latin1')))
}
