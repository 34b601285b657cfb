import { createServer, type IncomingMessage } from 'node:http'

export interface HostileClose {
  readonly url: string
  /** Every secret that it was sent. */
  readonly secrets: Set<string>
  close(): Promise<void>
}

const big = 'x'.repeat(1_000_000)

/** A Close that says what it was sent back wherever it can, and a megabyte where a word would do. */
export async function startHostileClose(): Promise<HostileClose> {
  const secrets = new Set<string>()
  const server = createServer(async (request, response) => {
    const key = secretOf(request)
    secrets.add(key)
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    const { pathname } = new URL(request.url ?? '', 'http://x')
    const echo = `${key} ${Buffer.from(`${key}:`).toString('base64')} ${encodeURIComponent(key)}`
    if (pathname === '/api/v1/me/') {
      return answer(200, {
        id: 'user_1',
        email: `${key}@x.example`,
        first_name: echo,
        last_name: big.slice(0, 200_000),
        organizations: [{ id: 'orga_1', name: `${echo} \u202e\u0007 ${big.slice(0, 200_000)}` }],
        memberships: [{ organization_id: 'orga_1', permissions_granted: Array(1_000).fill(`${echo}-right`) }],
      })
    }
    if (pathname.startsWith('/api/v1/custom_field/')) {
      return answer(200, { data: [{ id: 'cf_1', name: `${echo} ${big}`, type: 'text' }], has_more: false })
    }
    if (pathname === '/api/v1/data/search/') {
      const row = (index: number) => ({
        __object_type: 'lead',
        id: `lead_${index}`,
        name: `${echo} ${index}`,
        description: big,
        'custom.cf_1': { nested: [echo, big] },
        date_created: '2026-01-01T00:00:00.000000+00:00',
      })
      const last = body.includes('cursor') || !body.includes('description')
      const data = last ? [] : [row(1), row(2), row(3)]
      return answer(200, { data, cursor: null, count: { limited: 3, total: 3 } })
    }
    if (request.method === 'POST')
      return answer(400, { 'field-errors': { [echo]: `${echo} ${big.slice(0, 90_000)}` } })
    answer(403, { error: `${echo} ${big.slice(0, 90_000)}` })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    secrets,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function secretOf(request: IncomingMessage): string {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ')
  return scheme === 'Basic' ? Buffer.from(value, 'base64').toString().replace(/:$/, '') : value
}
