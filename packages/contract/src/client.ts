import type { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { type Endpoints, endpoints } from './endpoints.ts'
import { type Problem, problemSchema } from './errors.ts'
import { parseExactly } from './exact-number.ts'

/** The part of `fetch` that the client uses, so that this package needs neither Node's nor the browser's types. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{ status: number; text(): Promise<string> }>

export interface ClientOptions {
  /** Origin of the server without a slash at the end; empty for the page's own origin. */
  baseUrl?: string
  /** An API token. Without it the browser's session cookie counts. */
  token?: string
  fetch: FetchLike
}

/** An error answer of the server, or no answer (`code` is then `unreachable`, `status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  /** @param cause why no answer came, for whoever looks for a fault; never shown */
  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause })
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }
}

type IsEmpty<T> = keyof T extends never ? true : false
type Part<Key extends string, S extends z.ZodType> = S extends z.ZodUndefined
  ? unknown
  : IsEmpty<NonNullable<z.input<S>>> extends true
    ? unknown
    : Record<never, never> extends z.input<S>
      ? { [K in Key]?: z.input<S> }
      : { [K in Key]: z.input<S> }

/** What a call takes: `params`, `query` and `body`, each only where the endpoint has it. */
export type CallInput<E> =
  E extends Endpoint<infer P, infer Q, infer B, z.ZodType>
    ? Part<'params', P> & Part<'query', Q> & Part<'body', B>
    : never
export type CallOutput<E> = E extends Endpoint<z.ZodType, z.ZodType, z.ZodType, infer R> ? z.output<R> : never
type Call<E> =
  Record<never, never> extends CallInput<E>
    ? (input?: CallInput<E>) => Promise<CallOutput<E>>
    : (input: CallInput<E>) => Promise<CallOutput<E>>

export type Client = { [G in keyof Endpoints]: { [N in keyof Endpoints[G]]: Call<Endpoints[G][N]> } }

interface AnyInput {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
}

/**
 * A client with one method per endpoint, e.g. `client.credentials.get({ params: { id } })`.
 * @throws {ApiError} for every answer that is not a success
 */
export function createClient(options: ClientOptions): Client {
  const groups = Object.entries(endpoints).map(([group, operations]) => [
    group,
    Object.fromEntries(
      Object.entries(operations).map(([name, endpoint]) => [
        name,
        (input: AnyInput = {}) => call(options, endpoint as Endpoint, input),
      ]),
    ),
  ])
  return Object.fromEntries(groups) as Client // built from the very object whose type this is
}

async function call(options: ClientOptions, endpoint: Endpoint, input: AnyInput): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' }
  // The server refuses changes without this header: another site cannot send it.
  if (endpoint.method !== 'GET') headers['x-latchwork'] = '1'
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`
  const init: { method: string; headers: Record<string, string>; body?: string } = {
    method: endpoint.method,
    headers,
  }
  if (input.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(input.body)
  }
  const url = `${options.baseUrl ?? ''}${buildPath(endpoint.path, input)}`
  let status: number
  let text: string
  try {
    const answer = await options.fetch(url, init)
    status = answer.status
    text = await answer.text()
  } catch (error) {
    throw new ApiError(
      problemOf(
        0,
        'unreachable',
        "The Latchwork server can't be reached. Check that it runs, and try again.",
      ),
      error,
    )
  }
  const value = text === '' ? undefined : parseJson(text)
  if (status >= 200 && status < 300) {
    const parsed = endpoint.response.safeParse(value)
    if (parsed.success) return parsed.data
    throw new ApiError(
      problemOf(
        status,
        'internal',
        "The server's answer isn't understood. It may be of another version: load the page again.",
      ),
    )
  }
  const problem = problemSchema.safeParse(value)
  throw new ApiError(
    problem.success
      ? problem.data
      : problemOf(status, 'internal', `The server answered with status ${status}.`),
  )
}

function buildPath(template: string, input: AnyInput): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(input.params?.[name] ?? ''),
  )
  const pairs = Object.entries(input.query ?? {})
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

function parseJson(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}

function problemOf(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: detail, status, code, detail }
}
