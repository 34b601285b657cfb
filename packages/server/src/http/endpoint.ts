import {
  type Audit,
  type Endpoint,
  type InputLimits,
  jsonType,
  successStatuses,
  type WithoutRole,
} from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Caller, checkAccess, requireCaller, type Shown, type ShownList } from './caller.ts'
import { parseInput } from './input.ts'

/** The server on which routes are registered. */
export type HttpApp = FastifyInstance

export interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params: z.output<P>
  readonly query: z.output<Q>
  readonly body: z.output<B>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}
export interface MemberInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Input<P, Q, B> {
  /** The member who is signed in; for an `admin` endpoint, an administrator. */
  readonly caller: Caller
}
export interface PublicInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Input<P, Q, B> {
  readonly caller: Caller | null
}

/**
 * What a handler returns: nothing if the endpoint has no response body, and never `yourRole`, which is added. If the
 * endpoint `creates` something only sometimes, the handler sets `reply.code(200)` when it did not.
 */
type Answer<R extends z.ZodType> = R extends z.ZodUndefined ? Promise<void> : Promise<WithoutRole<z.input<R>>>

interface RouteOptions<B extends z.ZodType> {
  /**
   * The handler waits for another system or for the hash of a password. No transaction is open meanwhile: the stores
   * commit each change, with the request's entry in the audit log.
   */
  readonly waits?: boolean
  /** Runs before the transaction begins, so it stays done if the handler fails. */
  readonly before?: (request: FastifyRequest) => Promise<void>
  /** Requests to this endpoint that one client may make within a minute, if fewer than to others. */
  readonly perMinute?: number
  readonly maxBodyBytes?: number
  /** How long texts of its body may be, where it is not as usual. */
  readonly limits?: InputLimits
  /** Whether this call uses the endpoint's `share`; without this function each call does. */
  takesShare?(body: z.output<B>): boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Does `work` in one transaction, together with the request's entry in the audit log. */
    commit?<T>(work: () => Promise<T>): Promise<T>
  }

  interface FastifyContextConfig {
    /** What the audit log records of the operation; null if it changes and reveals nothing. */
    audit?: Audit | null
  }
}

/**
 * Serves an endpoint of the contract for members or administrators. Access is checked before the body is read, every
 * part of the request is parsed by its schema, and fields that the response's schema does not declare are dropped. A
 * handler refuses by throwing a LatchworkError. The changes of an audited endpoint and their entry in the audit log are
 * one transaction, unless the handler `waits`.
 */
export function registerEndpoint<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  app: HttpApp,
  endpoint: Endpoint<P, Q, B, R>,
  handler: (input: MemberInput<P, Q, B>) => Answer<R>,
  options: RouteOptions<B> = {},
): void {
  if (endpoint.access === 'public') throw new Error(`${endpoint.path} is public: registerPublicEndpoint`)
  route(app, endpoint, (input) => handler({ ...input, caller: requireCaller(input.request) }), options)
}

/** Serves an endpoint that anybody may call; otherwise as `registerEndpoint`. */
export function registerPublicEndpoint<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  app: HttpApp,
  endpoint: Endpoint<P, Q, B, R>,
  handler: (input: PublicInput<P, Q, B>) => Answer<R>,
  options: RouteOptions<B> = {},
): void {
  if (endpoint.access !== 'public') throw new Error(`${endpoint.path} is not public: registerEndpoint`)
  route(app, endpoint, (input) => handler({ ...input, caller: input.request.caller }), options)
}

function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  app: HttpApp,
  endpoint: Endpoint<P, Q, B, R>,
  handler: (input: Input<P, Q, B>) => Promise<unknown>,
  options: RouteOptions<B>,
): void {
  const { access, share, roleFor, bodyType, answerType } = endpoint
  const takesBody = !(endpoint.body instanceof z.ZodUndefined)
  const statuses = successStatuses(endpoint)
  const answersJson = answerType === jsonType && !(endpoint.response instanceof z.ZodUndefined)
  const body = (request: FastifyRequest): unknown => {
    // The handler that stores bytes reads them.
    if (bodyType !== jsonType) return request.body
    return parseInput(endpoint.body, takesBody ? request.body : undefined, 'lines', options.limits)
  }
  app.route({
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    ...(options.maxBodyBytes === undefined ? {} : { bodyLimit: options.maxBodyBytes }),
    config: {
      audit: endpoint.audit,
      access,
      ...(options.perMinute === undefined
        ? {}
        : { rateLimit: { max: options.perMinute, timeWindow: 60_000 } }),
    },
    schema: answersJson
      ? { response: Object.fromEntries(statuses.map((status) => [status, endpoint.response])) }
      : {},
    onRequest: async (request) => {
      if (typeof access === 'string') return checkAccess(access, request.caller)
      const { user } = requireCaller(request)
      return app.checkResource(access, user, parseInput(endpoint.params, request.params))
    },
    handler: async (request, reply) => {
      const input = {
        params: parseInput(endpoint.params, request.params, 'line'),
        query: parseInput(endpoint.query, request.query, 'line'),
        body: body(request) as z.output<B>, // parsed by B, or bytes, which B does not describe
        request,
        reply,
      }
      await options.before?.(request)
      reply.code(statuses[0])
      const handle = async () => {
        const answer = await handler(input)
        if (roleFor === null) return answer
        // A definition has `roleFor` only if the answer has this type.
        return app.addRole(requireCaller(request).user, roleFor, answer as Shown | ShownList)
      }
      const commit = endpoint.audit === null || options.waits === true ? undefined : app.commit
      const answer = () => (commit === undefined ? handle() : commit(handle))
      // The share is taken outside the transaction, so that others see it at once.
      const result =
        share === null || options.takesShare?.(input.body) === false
          ? await answer()
          : await app.withinShare(requireCaller(request).user, share, answer)
      if (answerType !== jsonType) reply.type(answerType)
      return reply.send(result)
    },
  })
}
