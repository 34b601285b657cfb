import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import { Agent, fetch as fetchBy } from 'undici'
import type { Running } from '../../running.ts'

// The tests of certificates are elsewhere.
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })

/** As `fetch`, from a server with a certificate of its own. */
export const fetchOurs: FetchLike = async (url, init = {}) => {
  const { method = 'GET', headers, body, signal } = init
  const answer = await fetchBy(url, {
    ...{ method, dispatcher },
    headers: Object.fromEntries(new Headers(headers)),
    ...(typeof body === 'string' ? { body } : {}),
    ...(signal ? { signal } : {}),
  })
  const text = await answer.text()
  const empty = answer.status === 202 || answer.status === 204
  return new Response(empty ? null : text, {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
  })
}

export interface Told {
  readonly text: string
  readonly isError: boolean
  readonly meta: Readonly<Record<string, unknown>>
  /** What stands between the marks, as JSON. */
  data<T>(): T
}

/** An agent's client, as it is given a pass. */
export async function speak(server: Pick<Running, 'url'>, token: string) {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
    fetch: fetchOurs,
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  })
  // The class declares its session id in a manner that this project's compiler does not take for the interface's.
  await client.connect(transport as Parameters<Client['connect']>[0])
  return {
    client,
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name: string, input: Record<string, unknown> = {}): Promise<Told> {
      const result = await client.callTool({ name, arguments: input })
      const [content] = Array.isArray(result.content) ? result.content : []
      const text = content?.type === 'text' ? String(content.text) : ''
      const [, data] = /<close-data mark="\w+">\n([\s\S]*)\n<\/close-data/.exec(text) ?? []
      return {
        text,
        isError: result.isError === true,
        meta: result._meta ?? {},
        data: () => JSON.parse(data ?? 'null'),
      }
    },
    end: () => client.close(),
  }
}
