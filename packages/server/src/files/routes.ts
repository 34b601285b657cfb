import { Readable } from 'node:stream'
import { endpoints, streams } from '@latchwork/contract'
import { aboutThing, tellOfAct } from '../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Files } from './files.ts'
import { maxUploadBytes } from './refusals.ts'

/** `/api/files` and the bytes below it. */
export async function registerFiles(app: HttpApp, files: Files): Promise<void> {
  registerEndpoint(app, endpoints.files.list, ({ query, caller }) => files.list(query, caller.user))
  registerEndpoint(app, endpoints.files.delete, ({ params, caller }) => files.delete(params.id, caller.user))
  const { download, upload } = streams.files
  await app.register(async (bytes) => {
    bytes.removeAllContentTypeParsers()
    bytes.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

    registerEndpoint(
      bytes,
      download,
      async ({ params, caller, request, reply }) => {
        aboutThing(request, { id: params.id, name: params.id })
        const { file, length, bytes } = await files.read(caller.user, params.id)
        aboutThing(request, file)
        tellOfAct(request, { ownerId: file.ownerId, bytes: length })
        reply
          .header('content-length', length)
          .header('content-disposition', attachment(file.name))
          .header('x-content-type-options', 'nosniff')
        return bytes
      },
      { waits: true },
    )

    registerEndpoint(
      bytes,
      upload,
      async ({ params, body, caller, request, reply }) => {
        aboutThing(request, { id: params.id, name: params.id })
        const length = Number(request.headers['content-length'] ?? 0)
        const sent = body instanceof Readable ? body : Readable.from([])
        const { file, isNew } = await files.write(caller.user, params.id, sent, length)
        aboutThing(request, file)
        tellOfAct(request, { ownerId: file.owner?.id ?? null, bytes: file.bytes })
        if (!isNew) reply.code(200)
        return file
      },
      { waits: true, maxBodyBytes: maxUploadBytes },
    )
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
