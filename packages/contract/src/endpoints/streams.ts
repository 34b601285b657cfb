import { z } from 'zod'
import { auditFilterSchema } from '../audit.ts'
import { backupRequestSchema } from '../backup.ts'
import { defineEndpoint } from '../endpoint.ts'
import { storedFileSchema } from '../stored-file.ts'
import { of } from './shapes.ts'

/** A name is allowed as well, so the right is checked where the file is found. */
const filePath: string = '/api/files/{id}'
const namedFile = z.object({ id: z.string().describe('The id of a file, or the name of one of your own') })
const anyBytes = 'application/octet-stream'

/** Operations whose body or answer is no JSON: bytes, or lines. The typed client has none of them. */
export const streams = {
  files: {
    download: defineEndpoint({
      method: 'GET',
      path: filePath,
      summary: 'The bytes of a file; by its id, or by the name of one of your own',
      access: 'member',
      audit: { action: 'file.download', subject: 'params.id' },
      params: namedFile,
      response: z.unknown(),
      answerType: anyBytes,
      errors: ['file_not_found'],
    }),
    upload: defineEndpoint({
      method: 'PUT',
      path: filePath,
      summary:
        'Store a file; the body is its bytes. By a name it is your own, by its id the one that is there',
      access: 'member',
      audit: { action: 'file.upload', subject: 'params.id' },
      creates: 'sometimes',
      params: namedFile,
      body: z.unknown(),
      bodyType: anyBytes,
      response: storedFileSchema,
      roleFor: 'file',
      errors: ['file_not_found', 'forbidden', 'file_space_full', 'share_exceeded', 'share_full'],
    }),
  },
  runs: {
    quarantineCsv: defineEndpoint({
      method: 'GET',
      path: '/api/runs/{id}/quarantine.csv',
      summary: 'The refused records of a run as CSV, each with its row, key and reason',
      ...of('run', 'operator'),
      audit: { action: 'run.quarantine', subject: 'params.id' },
      query: z.object({ group: z.string().max(64).optional() }),
      response: z.unknown(),
      answerType: 'text/csv',
      errors: ['run_not_found'],
    }),
  },
  audit: {
    export: defineEndpoint({
      method: 'GET',
      path: '/api/audit/export',
      summary: 'The audit log as JSON lines, oldest first',
      access: 'admin',
      audit: { action: 'audit.export', subject: 'none' },
      query: auditFilterSchema,
      response: z.unknown(),
      answerType: 'application/jsonl',
    }),
  },
  backup: {
    /** The end of the answer ends the backup: one that is cut off is incomplete. */
    create: defineEndpoint({
      method: 'POST',
      path: '/api/backup',
      summary: 'A backup of the whole database, encrypted in the age format; the master key is not in it',
      access: 'admin',
      audit: { action: 'backup.create', subject: 'none' },
      body: backupRequestSchema,
      response: z.unknown(),
      answerType: anyBytes,
    }),
  },
}
