import { createHmac } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import { hashToken, newRandomToken, sameHash } from '@latchwork/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { clientNetwork } from '../settings/addresses.ts'
import type { AttemptStore } from './store/attempts.ts'

const minuteMs = 60_000
const personWindowMs = 15 * minuteMs
/** All clients together may try this many times as often as one, before unknown clients may try no more. */
const personFactor = 5

const knownCookie = '__Host-latchwork-known'
const knownSeconds = 365 * 24 * 3600

interface Limit {
  readonly key: string
  readonly most: number
  readonly windowMs: number
}

/**
 * Limits the tries of passwords, links and codes, counted in the database for all processes: for one client within any
 * minute, and for one person within any quarter of an hour, by one client and by all together. A browser that has
 * signed in as that person before has its own count, so that tries from elsewhere never lock them out.
 */
export class SignInLimit {
  readonly #attempts: AttemptStore
  readonly #perMinute: number
  readonly #secret: string

  /** @param secret signs the cookie by which a browser is recognized */
  constructor(attempts: AttemptStore, perMinute: number, secret: string) {
    this.#attempts = attempts
    this.#perMinute = perMinute
    this.#secret = secret
  }

  /**
   * Tries a password. The try is counted first, so that of many at once none is free; a right password is given back to
   * the person. Not inside a transaction, because a rollback would undo the count.
   * @param person by email address
   * @throws {LatchworkError} `too_many_requests`, and what `work` throws
   */
  async attempt<T>(request: FastifyRequest, person: string, work: () => Promise<T>): Promise<T> {
    const tries = await this.#take(request, person)
    const result = await work()
    await this.#attempts.giveBack(tries)
    return result
  }

  /**
   * Counts a possible guess at a link or a code: for the client, and for the caller if signed in.
   * @throws {LatchworkError} `too_many_requests`
   */
  readonly check = (request: FastifyRequest): Promise<void> =>
    this.#take(request, request.caller?.user.id ?? null).then(() => undefined)

  /**
   * Limits how often one client may ask for something that is no guess, within any minute and over all processes.
   * @param what names it in the key that is counted
   * @throws {LatchworkError} `too_many_requests`
   */
  perClient(what: string, most: number): (request: FastifyRequest) => Promise<void> {
    return async (request) => {
      const key = `${what} of ${clientNetwork(request.ip)}`
      const tried = await this.#attempts.take(hashToken(key), most, minuteMs)
      if (!('id' in tried)) throw tooMany('Too many requests.', tried.againInMs)
    }
  }

  /** @returns the ids of the tries counted for the person */
  async #take(request: FastifyRequest, person: string | null): Promise<string[]> {
    const client = clientNetwork(request.ip)
    await this.#count({ key: `client ${client}`, most: this.#perMinute, windowMs: minuteMs })
    const limits = person === null ? [] : this.#ofPerson(person.toLowerCase(), client, request)
    const tries: string[] = []
    for (const limit of limits) tries.push(await this.#count(limit))
    return tries
  }

  /** Lets the browser be recognized at later sign-ins of the person. */
  remember(reply: FastifyReply, person: string): void {
    const browser = newRandomToken()
    reply.setCookie(knownCookie, `${browser}.${this.#sign(browser, person)}`, {
      httpOnly: true,
      secure: true,
      sameSite: 'strict',
      path: '/',
      maxAge: knownSeconds,
    })
  }

  #ofPerson(person: string, client: string, request: FastifyRequest): Limit[] {
    const most = this.#perMinute
    const [browser = '', signature = ''] = request.cookies[knownCookie]?.split('.') ?? []
    if (browser !== '' && sameHash(signature, this.#sign(browser, person))) {
      return [{ key: `browser ${browser} ${person}`, most, windowMs: personWindowMs }]
    }
    return [
      { key: `person ${person} from ${client}`, most, windowMs: personWindowMs },
      { key: `person ${person}`, most: most * personFactor, windowMs: personWindowMs },
    ]
  }

  async #count({ key, most, windowMs }: Limit): Promise<string> {
    const tried = await this.#attempts.take(hashToken(key), most, windowMs)
    if ('id' in tried) return tried.id
    throw tooMany('Too many tries to sign in.', tried.againInMs)
  }

  #sign(browser: string, person: string): string {
    const text = `known browser\n${browser}\n${person.toLowerCase()}`
    return createHmac('sha256', this.#secret).update(text).digest('base64url')
  }
}

function tooMany(what: string, againInMs: number): LatchworkError {
  const retryAfterSeconds = Math.max(1, Math.ceil(againInMs / 1000))
  return new LatchworkError('too_many_requests', {
    message: `${what} Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`,
    retryAfterSeconds,
  })
}
