import { Readable } from 'node:stream'
import { endpoints, fileSchema } from '@latchwork/contract'
import { z } from 'zod'
import { aboutThing, tellOfAct } from '../audit/recording.ts'
import { checkAccess, requireCaller } from '../http/caller.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { parseInput } from '../http/input.ts'
import { type Files, maxUploadBytes } from './files.ts'

/** The rules of a name are the data folder's to tell. An id names a file as well. */
const paramsSchema = z.object({ name: z.string() })

/** `/api/files` and the bytes below it, which are no JSON and so have routes of their own. */
export async function registerFiles(app: HttpApp, files: Files): Promise<void> {
  registerEndpoint(app, endpoints.files.list, async ({ caller }) => ({
    items: await files.list(caller.user),
  }))
  registerEndpoint(app, endpoints.files.delete, ({ params, caller }) => files.delete(params.id, caller.user))
  await app.register(async (bytes) => {
    bytes.removeAllContentTypeParsers()
    bytes.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    bytes.addHook('onRequest', async (request) => checkAccess('member', request.caller))

    bytes.get('/api/files/:name', {
      config: { audit: 'file.download', access: 'member' },
      schema: {
        summary: 'The bytes of a file; by its id, or by the name of one of your own',
        tags: ['files'],
      },
      handler: async (request, reply) => {
        const { name } = parseInput(paramsSchema, request.params, 'line')
        const { file, length, bytes } = await files.read(requireCaller(request).user, name)
        aboutThing(request, file)
        tellOfAct(request, { ownerId: file.ownerId, bytes: length })
        return reply
          .header('content-type', 'application/octet-stream')
          .header('content-length', length)
          .header('content-disposition', attachment(file.name))
          .header('x-content-type-options', 'nosniff')
          .send(bytes)
      },
    })

    bytes.put('/api/files/:name', {
      bodyLimit: maxUploadBytes,
      config: { audit: 'file.upload', access: 'member' },
      schema: {
        summary:
          'Store a file; the body is its bytes. By a name it is your own, by its id the one that is there',
        tags: ['files'],
      },
      handler: async (request, reply) => {
        const { name } = parseInput(paramsSchema, request.params, 'line')
        const length = Number(request.headers['content-length'] ?? 0)
        const body = request.body instanceof Readable ? request.body : Readable.from([])
        const file = await files.write(requireCaller(request).user, name, body, length)
        aboutThing(request, file)
        tellOfAct(request, { ownerId: file.owner?.id ?? null, bytes: file.bytes })
        return reply.send(fileSchema.parse(file))
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
