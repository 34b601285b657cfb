import { systemCode } from '@latchwork/contract'
import type { FastifyBaseLogger } from 'fastify'

export type Logger = FastifyBaseLogger

/** Where log lines go, one line of JSON each. */
export interface LogStream {
  write(line: string): void
}

/**
 * Removes secrets from every line before it is written. Our code never logs one, but a library may put a request or a
 * header into its error.
 */
export function redactingStream(redact: (text: string) => string, stream: LogStream): LogStream {
  return { write: (line) => stream.write(redact(line)) }
}

/** Options of pino for fastify's logger. */
export function loggerOptions(level: string, stream: LogStream) {
  return {
    level,
    stream,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => serializeError(error) },
  }
}

interface SerializedError {
  type: string
  message: string
  stack: string
  [detail: string]: unknown
}

/**
 * The name, code, message and stack of an error and of its causes. Its other properties may hold a request and are left
 * out.
 */
function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: typeof error === 'string' ? error : '', stack: '' }
  }
  const code = systemCode(error)
  return {
    type: error.name,
    message: error.message,
    stack: error.stack ?? '',
    ...(code === null ? {} : { code }),
    ...(error.cause === undefined || depth > 3 ? {} : { cause: serializeError(error.cause, depth + 1) }),
  }
}
