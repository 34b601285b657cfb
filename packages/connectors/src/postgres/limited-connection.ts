import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { LatchworkError } from '@latchwork/contract'
import { type ClientConfig, Connection } from 'pg'
import { isWellFormed } from './message-form.ts'

declare module 'pg' {
  interface Connection {
    /** Reads messages from the stream, which is the encrypted one once there is encryption. */
    attachListeners(stream: Duplex): void
  }
  interface ClientConfig {
    connection?: Connection
  }
}

/** How much a server may send, in bytes. */
export interface AnswerLimits {
  /** One message: an error, a row, a notice. */
  readonly messageBytes: number
  /** Everything that is sent in answer to one statement, or to signing in. */
  readonly answerBytes: number
}

const headerBytes = 5

/**
 * A connection that ends when the server sends more than it may, or what is no message: the client itself would gather
 * one endless message until the memory is full, and a message that it can't read would end the
 * process, or keep it busy for ever.
 * @see https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS
 */
export class LimitedConnection extends Connection {
  readonly #limits: AnswerLimits

  constructor(config: ClientConfig, limits: AnswerLimits) {
    super(config)
    this.#limits = limits
  }

  override attachListeners(stream: Duplex): void {
    const accepted = new EventEmitter()
    const meter = new MessageMeter(this.#limits)
    this.on('readyForQuery', () => meter.answered())
    stream.on('data', (chunk: Buffer) => {
      if (stream.destroyed) return
      try {
        for (const message of meter.take(chunk)) accepted.emit('data', message)
      } catch (error) {
        stream.destroy(error instanceof LatchworkError ? error : unreadable())
      }
    })
    stream.on('end', () => accepted.emit('end'))
    super.attachListeners(accepted as unknown as Duplex) // of which it uses only these two events
  }
}

/** Gathers whole messages, and gives up on what is longer than it may be or has not the form of one. */
class MessageMeter {
  readonly #limits: AnswerLimits
  /** What came of the message under way. */
  #pieces: Buffer[] = []
  #gatheredBytes = 0
  #answerBytes = 0

  constructor(limits: AnswerLimits) {
    this.#limits = limits
  }

  /** @throws LatchworkError `upstream_error` */
  *take(chunk: Buffer): Generator<Buffer, void, undefined> {
    this.#answerBytes += chunk.length
    if (this.#answerBytes > this.#limits.answerBytes) throw tooMuch('an answer', this.#limits.answerBytes)
    this.#pieces.push(chunk)
    this.#gatheredBytes += chunk.length
    for (let wanted = this.#wantedBytes(); this.#gatheredBytes >= wanted; wanted = this.#wantedBytes()) {
      const gathered = this.#gathered()
      const message = gathered.subarray(0, wanted)
      this.#pieces = [gathered.subarray(wanted)]
      this.#gatheredBytes -= wanted
      if (!isWellFormed(message.toString('latin1', 0, 1), message.subarray(headerBytes))) throw unreadable()
      yield message
    }
  }

  #gathered(): Buffer {
    const [first, ...others] = this.#pieces
    const gathered = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#pieces)
    this.#pieces = [gathered]
    return gathered
  }

  /** Bytes of the message under way, by its own word; of its header, before that has come. */
  #wantedBytes(): number {
    if (this.#gatheredBytes < headerBytes) return headerBytes
    // Only the header is needed, but it may have come in pieces.
    const start = (this.#pieces[0]?.length ?? 0) < headerBytes ? this.#gathered() : this.#pieces[0]
    // The length counts itself, but not the letter before it.
    const length = start?.readUInt32BE(1) ?? 0
    if (length < headerBytes - 1) throw unreadable()
    if (length > this.#limits.messageBytes) throw tooMuch('a message', this.#limits.messageBytes)
    return length + 1
  }

  answered(): void {
    this.#answerBytes = 0
  }
}

function tooMuch(what: string, limitBytes: number): LatchworkError {
  return new LatchworkError('upstream_error', {
    message: `The database server sent ${what} of more than ${limitBytes} bytes, so the connection was ended.`,
  })
}

function unreadable(): LatchworkError {
  return new LatchworkError('upstream_error', {
    message:
      'The database server sent something that is no message of PostgreSQL, so the connection was ended.',
  })
}
