import { type Audit, type Endpoint, jsonType, successStatuses, type WithoutRole } from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Caller, checkAccess, requireCaller, type Shown, type ShownList } from './caller.ts'
import { parseInput } from './input.ts'

/** The server with its types; what routes are registered on. */
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
  /** Whoever is signed in; for an `admin` endpoint, an administrator. */
  readonly caller: Caller
}
export interface PublicInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Input<P, Q, B> {
  readonly caller: Caller | null
}

/**
 * What a handler answers: nothing where the endpoint has no response body, and no `yourRole`, which is added. A handler
 * whose endpoint `creates` something only sometimes says by `reply.code(200)` that it did not.
 */
type Answer<R extends z.ZodType> = R extends z.ZodUndefined ? Promise<void> : Promise<WithoutRole<z.input<R>>>

interface RouteOptions<B extends z.ZodType> {
  /**
   * The handler waits for another system, or for a password to be hashed. No transaction is open meanwhile: what it
   * changes it commits itself, by the stores, which write the request into the audit log with it.
   */
  readonly waits?: boolean
  /** Done before the transaction begins: it stays done where the handler fails. */
  readonly before?: (request: FastifyRequest) => Promise<void>
  /** Requests that one client may make of this endpoint within a minute, if fewer than of others. */
  readonly perMinute?: number
  readonly maxBodyBytes?: number
  /** Whether this very call takes of the endpoint's `share`; each does unless given. */
  takesShare?(body: z.output<B>): boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Does `work` in one transaction, with what the audit log has of the request. */
    commit?<T>(work: () => Promise<T>): Promise<T>
  }

  interface FastifyContextConfig {
    /** What the audit log tells of the operation; null for one that changes nothing and reveals nothing. */
    audit?: Audit | null
  }
}

/**
 * Serves an endpoint of the contract for members or administrators. Access is checked before the body is read, every
 * part of the request is parsed by its schema, and fields that the response's schema does not declare are dropped.
 * A handler refuses by throwing a LatchworkError. What the handler of an audited endpoint changes is one transaction,
 * together with its entry of the audit log, unless it `waits`.
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
    // Bytes are read by whoever stores them.
    if (bodyType !== jsonType) return request.body
    return parseInput(endpoint.body, takesBody ? request.body : undefined)
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
        body: body(request) as z.output<B>, // parsed by B, or bytes of which B says nothing
        request,
        reply,
      }
      await options.before?.(request)
      reply.code(statuses[0])
      const handle = async () => {
        const answer = await handler(input)
        if (roleFor === null) return answer
        // Its definition says `roleFor` only where this is the answer's type.
        return app.addRole(requireCaller(request).user, roleFor, answer as Shown | ShownList)
      }
      const commit = endpoint.audit === null || options.waits === true ? undefined : app.commit
      const answer = () => (commit === undefined ? handle() : commit(handle))
      // The place is taken before, and seen by others at once: it is no part of the change.
      const result =
        share === null || options.takesShare?.(input.body) === false
          ? await answer()
          : await app.withinShare(requireCaller(request).user, share, answer)
      if (answerType !== jsonType) reply.type(answerType)
      return reply.send(result)
    },
  })
}
