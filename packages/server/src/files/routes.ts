import { Readable } from 'node:stream'
import { endpoints, fileSchema } from '@latchwork/contract'
import { z } from 'zod'
import { checkAccess } from '../http/caller.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { parseInput } from '../http/input.ts'
import { type DataFiles, maxUploadBytes, tooLarge } from './data-files.ts'

/** The rules of a name are the data folder's to tell. */
const paramsSchema = z.object({ name: z.string() })

/** `/api/files` and the bytes below it, which are no JSON and so have routes of their own. */
export async function registerFiles(app: HttpApp, files: DataFiles): Promise<void> {
  registerEndpoint(app, endpoints.files.list, async () => ({ items: await files.list() }))
  await app.register(async (bytes) => {
    bytes.removeAllContentTypeParsers()
    bytes.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    bytes.addHook('onRequest', async (request) => checkAccess('member', request.caller))

    bytes.get('/api/files/:name', {
      config: { audit: 'file.download', access: 'member' },
      schema: { summary: 'The bytes of a file', tags: ['files'] },
      handler: async (request, reply) => {
        const { name } = parseInput(paramsSchema, request.params, 'line')
        const found = await files.read(name)
        return reply
          .header('content-type', 'application/octet-stream')
          .header('content-length', found.file.bytes)
          .header('content-disposition', attachment(name))
          .header('x-content-type-options', 'nosniff')
          .send(found.bytes)
      },
    })

    bytes.put('/api/files/:name', {
      bodyLimit: maxUploadBytes,
      config: { audit: 'file.upload', access: 'member' },
      schema: { summary: 'Store a file; the body is its bytes', tags: ['files'] },
      handler: async (request, reply) => {
        const { name } = parseInput(paramsSchema, request.params, 'line')
        if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) throw tooLarge()
        const body = request.body instanceof Readable ? request.body : Readable.from([])
        return reply.send(fileSchema.parse(await files.write(name, body)))
      },
    })
  })
}

/** @see RFC 6266 section 4.1, RFC 8187 section 3.2 */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\w .()-]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
