import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { isLoopbackHost, LatchworkError } from '@latchwork/contract'
import fastify, { LogController } from 'fastify'
import { z } from 'zod'
import { type LogStream, loggerOptions } from '../logging/logger.ts'
import { amongNetworks, cutForwarded } from '../settings/addresses.ts'
import type { Certificate } from '../tls/certificate.ts'
import {
  type AddRole,
  type Authenticate,
  type CheckResource,
  checkSignedIn,
  type WithinShare,
} from './caller.ts'
import { watchConnections } from './connections.ts'
import { checkSameSite } from './csrf.ts'
import type { HttpApp } from './endpoint.ts'
import { checkAddress } from './input.ts'
import { registerPage } from './page.ts'
import { sendProblem } from './problem.ts'
import { answerClientError, watchProtocol } from './protocol-errors.ts'
import type { RawRoutes } from './raw-routes.ts'

const bodyLimitBytes = 1024 * 1024

/** How long a client may take to send its request. Then the connection is closed. */
export interface Timeouts {
  readonly headersMs: number
  /** For the whole request: an upload may be large. */
  readonly requestMs: number
}

const usualTimeouts: Timeouts = { headersMs: 30_000, requestMs: 300_000 }

export interface HttpOptions {
  /** Origin under which browsers reach the server, e.g. `https://localhost:8443`. */
  readonly publicUrl: string
  readonly tls: Certificate
  readonly version: string
  readonly logLevel: string
  readonly logStream: LogStream
  /** Requests to all endpoints together that one client may make within a minute. */
  readonly requestsPerMinute: number
  /** IP addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  readonly timeouts?: Timeouts
  readonly authenticate: Authenticate
  readonly checkResource: CheckResource
  readonly withinShare: WithinShare
  readonly addRole: AddRole
  /** What is answered without the framework. */
  readonly rawRoutes: RawRoutes
  /** Folder with the built browser application. */
  readonly pageDir: string
}

/**
 * The HTTP server without its endpoints: https, security headers, rate limits, the caller, protection against
 * requests forged by other sites, errors as problems.
 */
export async function createHttpApp(options: HttpOptions): Promise<HttpApp> {
  const { tls, publicUrl, timeouts = usualTimeouts } = options
  const app: HttpApp = fastify<Server>({
    logger: loggerOptions(options.logLevel, options.logStream),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, app.log),
    requestIdHeader: false,
    trustProxy: amongNetworks(options.trustedProxies),
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
    serverFactory: (handler) => {
      const server = createTlsServer(
        {
          ...tls,
          minVersion: 'TLSv1.2',
          handshakeTimeout: timeouts.headersMs,
          headersTimeout: timeouts.headersMs,
          requestTimeout: timeouts.requestMs,
          connectionsCheckingInterval: timeouts.headersMs / 2,
          requireHostHeader: false, // done below, where the answer is a problem
        },
        (request, response) => {
          cutForwarded(request)
          if (!options.rawRoutes.take(request, response)) handler(request, response)
        },
      )
      watchProtocol(server, () => app.log)
      return server
    },
  })
  const endConnections = watchConnections(app.server)
  app.addHook('preClose', async () => endConnections())
  // Each endpoint parses every part of a request, with its type.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler<z.ZodType>(
    ({ schema }) =>
      (answer) =>
        JSON.stringify(z.encode(schema, answer)),
  )
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))

  app.decorateRequest('caller', null)
  app.decorate('checkResource', options.checkResource)
  app.decorate('withinShare', options.withinShare)
  app.decorate('addRole', options.addRole)
  await app.register(helmet, securityHeaders(publicUrl))
  await app.register(cookie)
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, context) =>
      new LatchworkError('too_many_requests', {
        message: `Too many requests. Try again in ${Math.ceil(context.ttl / 1000)} seconds.`,
      }),
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0') {
      throw new LatchworkError('malformed_request', { message: 'The request names no host.' })
    }
    // Absolute addresses are for proxies.
    if (!request.url.startsWith('/')) throw new LatchworkError('not_found')
    // As it was sent and as it was matched: `/%61pi/session` is `/api/session`, too.
    const paths = [request.url, request.routeOptions.url ?? '']
    const isBelow = (prefix: string) => paths.some((path) => path.startsWith(prefix))
    if (isBelow('/api/') || isBelow('/oauth/')) reply.header('cache-control', 'no-store')
    // A popup that returns from Close must still reach the page that opened it.
    if (isBelow('/oauth/')) reply.header('cross-origin-opener-policy', 'unsafe-none')
    if (isBelow('/api/')) {
      request.caller = await options.authenticate(request, reply)
      checkSignedIn(request)
      checkSameSite(request, publicUrl)
    }
    // Close's words about an error are neither stored nor repeated: with any content, people see a page of ours.
    checkAddress(request, isBelow('/oauth/callback') ? ['error', 'error_description', 'error_uri'] : [])
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        // Without the query, which holds the code in a callback.
        path: request.url.split('?', 1)[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        user: request.caller?.user.id,
        address: request.ip,
      },
      'request',
    )
  })
  await registerPage(app, options.pageDir)
  return app
}

/** With the `__Host-` prefix browsers require https, the path `/` and exactly this host. */
export const sessionCookieName = '__Host-latchwork'

/** Uses a renewed certificate without a restart. */
export function useCertificate(app: HttpApp, tls: Certificate): void {
  const server: unknown = app.server
  if (server instanceof Object && 'setSecureContext' in server) {
    const secured = server as TlsServer // only a TLS server has this method
    secured.setSecureContext(tls)
  }
}

function securityHeaders(publicUrl: string) {
  const loopback = isLoopbackHost(new URL(publicUrl).hostname)
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        imgSrc: ["'self'", 'data:'],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    frameguard: { action: 'deny' as const },
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' as const },
    referrerPolicy: { policy: 'no-referrer' as const },
    // A browser would apply it to every program on localhost.
    strictTransportSecurity: loopback ? (false as const) : { maxAge: 31_536_000, includeSubDomains: false },
  }
}
