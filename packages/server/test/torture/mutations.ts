import { z } from 'zod'

export interface Request {
  readonly path: string
  readonly type: string | null
  readonly body: string | undefined
}

/** Makes a request wrong; `at` chooses the field where it has several. */
type Mutation = (request: Request, at: number) => Request

export const mutations: readonly Mutation[] = [
  (request) => ({ ...request, type: 'text/plain' }),
  (request) => ({ ...request, body: `${request.body ?? ''}}` }),
  (request) => ({ ...request, body: '' }),
  (request) => ({ ...request, body: 'null' }),
  (request) => ({ ...request, body: `${'['.repeat(200)}${']'.repeat(200)}` }),
  (request) => ({ ...request, path: request.path.replace(/[a-z]+_\w{22}/, 'x'.repeat(400)) }),
  (request) => ({ ...request, path: request.path.replace(/([a-z]+_\w{22})/, '$1%00') }),
  (request) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}limit=1e3&cursor=AAAA&limit=-1&query=%F0`,
  }),
  (request, at) => changed(request, at, (value) => (typeof value === 'string' ? 7 : 'text')),
  (request, at) => changed(request, at, () => null),
  (request, at) => changed(request, at, () => undefined),
  (request, at) => changed(request, at, (value) => [value]),
  (request, at) => changed(request, at, (value) => ({ deep: { value } })),
  (request, at) => changed(request, at, () => 'y'.repeat(30_000)),
  (request, at) => changed(request, at, () => 'a\u0000b'),
  (request, at) => changed(request, at, () => 9.5e99),
  (request) => edited(request, (body) => ({ ...body, unknownField: 1, __proto__: null, constructor: 'x' })),
]

/** With another value in one field of the body. */
function changed(request: Request, at: number, change: (value: unknown) => unknown): Request {
  return edited(request, (body) => {
    const names = Object.keys(body)
    const name = names[at % Math.max(1, names.length)]
    return name === undefined ? body : { ...body, [name]: change(body[name]) }
  })
}

function edited(
  request: Request,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Request {
  if (request.type !== 'application/json' || request.body === undefined) return request
  const body = z.record(z.string(), z.unknown()).safeParse(JSON.parse(request.body)).data
  return body === undefined ? request : { ...request, body: JSON.stringify(change(body)) }
}
