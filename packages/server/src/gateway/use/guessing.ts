import { LatchworkError } from '@latchwork/contract'
import { clientNetwork } from '../../settings/addresses.ts'

const windowMs = 60_000
/** Tokens that no pass has, by one client within a minute. */
const mostWrong = 60
/** Clients remembered at once. */
const mostClients = 10_000

/**
 * Stops who tries tokens. Nobody guesses one, but each try asks the database. In this process alone: it protects the
 * process, not the tokens.
 */
export class Guessing {
  readonly #clock: { now(): number }
  readonly #wrong = new Map<string, { count: number; readonly endsAtMs: number }>()

  constructor(clock: { now(): number }) {
    this.#clock = clock
  }

  /** @throws {LatchworkError} `too_many_requests` */
  require(address: string): void {
    const known = this.#wrong.get(clientNetwork(address))
    if (known === undefined || known.count < mostWrong) return
    const leftMs = known.endsAtMs - this.#clock.now()
    if (leftMs <= 0) return
    const retryAfterSeconds = Math.ceil(leftMs / 1000)
    throw new LatchworkError('too_many_requests', {
      message: `Too many passes from here that do not exist. Try again in ${retryAfterSeconds} seconds.`,
      retryAfterSeconds,
    })
  }

  note(address: string): void {
    const key = clientNetwork(address)
    const now = this.#clock.now()
    const known = this.#wrong.get(key)
    if (known !== undefined && known.endsAtMs > now) {
      known.count += 1
      return
    }
    this.#wrong.delete(key)
    this.#wrong.set(key, { count: 1, endsAtMs: now + windowMs })
    const [oldest] = this.#wrong.keys()
    if (this.#wrong.size > mostClients && oldest !== undefined) this.#wrong.delete(oldest)
  }
}
