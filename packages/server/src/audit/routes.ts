import { Readable } from 'node:stream'
import { type AuditFilter, endpoints, streams } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { AuditLog } from './log.ts'

/** Registers `/api/audit` and the paths below it. */
export function registerAudit(app: HttpApp, log: AuditLog): void {
  registerEndpoint(app, endpoints.audit.list, ({ query }) => log.list(query))
  registerEndpoint(app, endpoints.audit.verify, () => log.verify())
  registerEndpoint(
    app,
    streams.audit.export,
    async ({ query, reply }) => {
      reply.header('content-disposition', 'attachment; filename="audit.jsonl"')
      return Readable.from(lines(log, query))
    },
    { waits: true },
  )
}

async function* lines(log: AuditLog, filter: AuditFilter): AsyncGenerator<string> {
  for await (const entry of log.entries(filter)) yield `${JSON.stringify(entry)}\n`
}
