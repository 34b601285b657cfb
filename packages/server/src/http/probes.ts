import { LatchworkError } from '@latchwork/contract'
import { openApiDocument } from '@latchwork/contract/openapi'
import { checkAccess } from './caller.ts'
import type { HttpApp } from './endpoint.ts'
import { sendProblem, unavailable } from './problem.ts'
import { sessionCookieName } from './server.ts'

/** Anybody may ask, and each check costs a write. */
const readyForMs = 1000

/** Proves it once, for all who ask within a second. */
export function onceASecond(proveReady: () => Promise<void>): () => Promise<void> {
  let proof = { at: Number.NEGATIVE_INFINITY, ready: Promise.resolve() }
  return () => {
    if (performance.now() - proof.at > readyForMs) proof = { at: performance.now(), ready: proveReady() }
    return proof.ready
  }
}

/**
 * `/health/live`: the process answers. `/health/ready`: its database takes writes, too, which is checked at most once a
 * second. `/api/openapi.json`: the API itself.
 */
export function registerProbes(
  app: HttpApp,
  described: { readonly version: string; readonly publicUrl: string },
  proveReady: () => Promise<void>,
): void {
  // Made for the first request, so that the start does not wait for it.
  let description: ReturnType<typeof openApiDocument> | undefined
  const ready = onceASecond(proveReady)
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/health/ready', async (request, reply) => {
    try {
      await ready()
      return { status: 'ok' }
    } catch (error) {
      const reported = error instanceof LatchworkError && error.code === 'storage_unavailable'
      return sendProblem(reported ? error : unavailable(error), request, reply)
    }
  })
  app.get(
    '/api/openapi.json',
    {
      config: { access: 'member' },
      onRequest: async (request) => checkAccess('member', request.caller),
    },
    async () => {
      description ??= openApiDocument({ ...described, sessionCookieName })
      return description
    },
  )
}
