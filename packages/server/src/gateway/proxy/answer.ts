import { TLSSocket } from 'node:tls'
import { LatchworkError } from '@latchwork/contract'
import { Cutter } from './cut.ts'
import { closeErrorOnly } from './error-answer.ts'
import { answerHeaders, gatewayLocation } from './headers.ts'
import { Unreadable } from './json-scan.ts'
import type { Cut } from './record-cut.ts'
import type { Outbound } from './sides.ts'
import { type Seeing, Sieve } from './sieve.ts'
import type { Target } from './target.ts'

/** Of a cut answer, before its head goes out: so much can still be refused in words. */
const mostHeldBytes = 256 * 1024

export interface AnswerParts {
  readonly response: Outbound
  readonly origin: URL
  readonly target: Target
  readonly filter: Cut | null
  /** Which records of it may be seen; null: all. Beside a filter only. */
  readonly seeing: Seeing | null
  readonly extraHeaders: Readonly<Record<string, string>>
  /** Is told of each answer that is given to the client, before that. */
  observe?(status: number, rawHeaders: readonly string[]): void
  /** Stands before the paths of Close in the addresses of the gateway. */
  readonly prefix: string
}

/** What the client gets of an answer of Close. */
export class Answer {
  readonly #parts: AnswerParts
  #status = 0
  #headers: string[] = []
  #mode: 'pass' | 'drop' | 'cut' | 'hold' = 'pass'
  #cutter: Cutter | Sieve | null = null
  #held: Buffer[] = []
  #heldBytes = 0
  bytes = 0

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** Null: nothing has gone out. */
  get status(): number | null {
    return this.#parts.response.headersSent ? this.#status : null
  }

  /** @throws {LatchworkError} `upstream_redirected`, `answer_uncut`, `lead_unseen`: nothing goes out then */
  begin(status: number, rawHeaders: readonly string[]): void {
    const { filter, seeing, extraHeaders, target } = this.#parts
    const isCut = filter !== null
    this.#parts.observe?.(status, rawHeaders)
    this.#status = status
    this.#headers = answerHeaders(status, rawHeaders, extraHeaders, isCut)
    // What is not there must be no other than what may not be seen.
    if (seeing !== null && status === 404) throw new LatchworkError('lead_unseen')
    if (seeing !== null && status === 304) throw new LatchworkError('answer_uncut')
    // Close answers deletions and merges with nothing, which holds no record.
    const isEmpty = seeing === null && headerOf(rawHeaders, 'content-length') === '0'
    const hasBody = target.method !== 'HEAD' && status !== 204 && status !== 304 && !isEmpty
    if (status >= 300 && status < 400 && status !== 304) this.#redirect(rawHeaders)
    else if (isCut && hasBody) this.#cutFrom(status, rawHeaders, filter)
    if (this.#mode === 'pass') this.#sendHead()
  }

  #redirect(rawHeaders: readonly string[]): void {
    const { origin, target, prefix } = this.#parts
    const given = headerOf(rawHeaders, 'location')
    const location = given === null ? null : gatewayLocation(given, origin, target, prefix)
    if (location === null) throw new LatchworkError('upstream_redirected')
    // What Close says about it may be an address, too.
    this.#mode = 'drop'
    this.#headers = this.#headers.filter(
      (_, index, all) => !/^content-(?!security)/.test(all[index - (index % 2)] ?? ''),
    )
    this.#headers.push('location', location, 'content-length', '0')
  }

  #cutFrom(status: number, rawHeaders: readonly string[], filter: Cut): void {
    const type = headerOf(rawHeaders, 'content-type') ?? ''
    const encoding = headerOf(rawHeaders, 'content-encoding') ?? 'identity'
    const isPlainJson = /^application\/json *(;|$)/i.test(type) && encoding.toLowerCase() === 'identity'
    if (status >= 400) {
      this.#mode = 'hold'
      return
    }
    if (!isPlainJson || status === 206) throw new LatchworkError('answer_uncut')
    this.#mode = 'cut'
    const { seeing } = this.#parts
    this.#cutter = seeing === null ? new Cutter(filter) : new Sieve(filter, seeing)
  }

  /**
   * @returns whether the client takes more at once; a promise where that has to be found out first
   * @throws {LatchworkError} `answer_uncut`; and what asking which records may be seen throws
   */
  data(chunk: Buffer): boolean | Promise<boolean> {
    if (this.#mode === 'pass') return this.#write(chunk)
    if (this.#mode === 'drop') return true
    if (this.#cutter instanceof Sieve) return this.#sieved(this.#cutter, chunk)
    return this.#give(this.#cutter === null ? chunk : cutting(this.#cutter, (cutter) => cutter.push(chunk)))
  }

  #sieved(sieve: Sieve, chunk: Buffer): boolean | Promise<boolean> {
    const part = cutting(sieve, () => sieve.push(chunk))
    return part instanceof Promise ? sieving(part).then((known) => this.#give(known)) : this.#give(part)
  }

  #give(part: Buffer): boolean {
    if (part.length === 0) return true
    if (this.#parts.response.headersSent) return this.#write(part)
    this.#held.push(part)
    this.#heldBytes += part.length
    if (this.#heldBytes <= mostHeldBytes) return true
    if (this.#mode === 'hold') throw new LatchworkError('answer_uncut')
    const held = Buffer.concat(this.#held, this.#heldBytes)
    this.#held = []
    // From here on its parts go out as they come.
    this.#sendHead()
    return this.#write(held)
  }

  /** @throws {LatchworkError} as `data`, and `lead_unseen` */
  end(): void | Promise<void> {
    if (this.#cutter instanceof Sieve) return sieving(this.#cutter.end()).then((rest) => this.#endWith(rest))
    this.#endWith(this.#cutter === null ? null : cutting(this.#cutter, (cutter) => cutter.end()))
  }

  /** @param rest null: nothing was held back to be cut */
  #endWith(rest: Buffer | null): void {
    const { response } = this.#parts
    if (this.#mode === 'cut' || this.#mode === 'hold') {
      if (rest !== null) this.#held.push(rest)
      const held = Buffer.concat(this.#held)
      const body = this.#mode === 'hold' ? closeErrorOnly(held) : held
      if (!response.headersSent) {
        if (this.#mode === 'hold') this.#retype()
        this.#headers.push('content-length', String(body.length))
        this.#sendHead()
      }
      this.bytes += body.length
      response.end(body)
      return
    }
    if (this.#mode === 'drop') this.#sendHead()
    response.end()
  }

  /** Ends the client's connection so that nobody takes what came of the answer for all of it. */
  breakOff(): void {
    const { response } = this.#parts
    const { socket } = response
    // A plain connection that ends in order could be the end of the answer.
    if (socket !== null && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
    response.destroy()
  }

  #retype(): void {
    this.#headers = this.#headers.filter((_, index, all) => all[index - (index % 2)] !== 'content-type')
    this.#headers.push('content-type', 'application/json')
  }

  #sendHead(): void {
    this.#parts.response.writeHead(this.#status, this.#headers)
  }

  #write(chunk: Buffer): boolean {
    this.bytes += chunk.length
    return this.#parts.response.write(chunk)
  }
}

function cutting<C extends Cutter | Sieve, T>(cutter: C, work: (cutter: C) => T): T {
  try {
    return work(cutter)
  } catch (error) {
    throw uncut(error)
  }
}

function sieving(work: Promise<Buffer>): Promise<Buffer> {
  return work.catch((error: unknown) => Promise.reject(uncut(error)))
}

function uncut(error: unknown): unknown {
  return error instanceof Unreadable ? new LatchworkError('answer_uncut') : error
}

function headerOf(rawHeaders: readonly string[], name: string): string | null {
  const found = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name)
  return found === -1 ? null : (rawHeaders[found + 1] ?? null)
}
