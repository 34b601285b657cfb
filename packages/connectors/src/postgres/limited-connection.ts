import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { LatchworkError } from '@latchwork/contract'
import { type ClientConfig, Connection } from 'pg'

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
 * one endless message until the memory is full, and a message that it can't read would end the process.
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
        meter.take(chunk)
        accepted.emit('data', chunk)
      } catch (error) {
        stream.destroy(error instanceof LatchworkError ? error : unreadable())
      }
    })
    stream.on('end', () => accepted.emit('end'))
    super.attachListeners(accepted as unknown as Duplex) // of which it uses only these two events
  }
}

/** Follows the lengths that messages declare. */
class MessageMeter {
  readonly #limits: AnswerLimits
  /** The beginning of a message whose length is not known yet. */
  #header: Buffer = Buffer.alloc(0)
  /** Bytes of the message under way that are still to come. */
  #leftBytes = 0
  #answerBytes = 0

  constructor(limits: AnswerLimits) {
    this.#limits = limits
  }

  /** @throws LatchworkError `upstream_error` */
  take(chunk: Buffer): void {
    this.#answerBytes += chunk.length
    if (this.#answerBytes > this.#limits.answerBytes) throw tooMuch('an answer', this.#limits.answerBytes)
    for (let at = 0; at < chunk.length; ) {
      if (this.#leftBytes > 0) {
        const taken = Math.min(this.#leftBytes, chunk.length - at)
        this.#leftBytes -= taken
        at += taken
        continue
      }
      const taken = Math.min(headerBytes - this.#header.length, chunk.length - at)
      this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + taken)])
      at += taken
      if (this.#header.length < headerBytes) return
      // The length counts itself, but not the letter before it.
      const length = this.#header.readUInt32BE(1)
      if (length < headerBytes - 1) throw unreadable()
      if (length > this.#limits.messageBytes) throw tooMuch('a message', this.#limits.messageBytes)
      this.#leftBytes = length - (headerBytes - 1)
      this.#header = Buffer.alloc(0)
    }
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
    message: 'The database server sent what is no message of PostgreSQL, so the connection was ended.',
  })
}
