import { checkAccess } from './caller.ts'
import type { HttpApp } from './endpoint.ts'

/** `/health/live`: the process answers. `/health/ready`: its database does too. `/api/openapi.json`: the API itself. */
export function registerHealth(app: HttpApp, ready: () => Promise<void>): void {
  const hidden = { schema: { hide: true } }
  app.get('/health/live', hidden, async () => ({ status: 'ok' }))
  app.get('/health/ready', hidden, async (request, reply) => {
    try {
      await ready()
      return { status: 'ok' }
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
      return reply.code(503).send({ status: 'unavailable' })
    }
  })
  app.get(
    '/api/openapi.json',
    { ...hidden, onRequest: async (request) => checkAccess('member', request.caller) },
    async () => app.swagger(),
  )
}
