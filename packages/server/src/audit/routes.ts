import { Readable } from 'node:stream'
import { type AuditFilter, auditFilterSchema, endpoints } from '@latchwork/contract'
import { checkAccess } from '../http/caller.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { parseInput } from '../http/input.ts'
import type { AuditLog } from './log.ts'

/** `/api/audit` and below; the export is no single JSON value and so has a route of its own. */
export function registerAudit(app: HttpApp, log: AuditLog): void {
  registerEndpoint(app, endpoints.audit.list, ({ query }) => log.list(query))
  registerEndpoint(app, endpoints.audit.verify, () => log.verify())
  app.get('/api/audit/export', {
    config: { audit: 'audit.export', access: 'admin' },
    schema: {
      summary: 'The audit log as JSON lines, oldest first',
      tags: ['audit'],
      querystring: auditFilterSchema,
    },
    onRequest: async (request) => checkAccess('admin', request.caller),
    handler: async (request, reply) => {
      const filter = parseInput(auditFilterSchema, request.query, 'line')
      return reply
        .type('application/jsonl; charset=utf-8')
        .header('content-disposition', 'attachment; filename="audit.jsonl"')
        .send(Readable.from(lines(log, filter)))
    },
  })
}

async function* lines(log: AuditLog, filter: AuditFilter): AsyncGenerator<string> {
  for await (const entry of log.entries(filter)) yield `${JSON.stringify(entry)}\n`
}
