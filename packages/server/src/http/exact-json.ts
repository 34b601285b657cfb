import { jsonType, parseExactly } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import type { HttpApp } from './endpoint.ts'

/** Makes the endpoints of `app` take numbers as they are spelled: one that loses digits in JavaScript is an `ExactNumber`. */
export function readNumbersExactly(app: HttpApp): void {
  app.removeContentTypeParser(jsonType)
  app.addContentTypeParser(
    jsonType,
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => {
      try {
        return parseExactly(body)
      } catch (error) {
        throw error instanceof SyntaxError ? Object.assign(error, { statusCode: 400 }) : error
      }
    },
  )
}
