import type { Product } from './product.ts'

/** Calls a tool as an agent does. */
export async function callTool(
  { browse, url }: Product,
  token: string,
  name: string,
  input: object,
): Promise<string> {
  const answer = await browse(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name, arguments: input },
    }),
  })
  return answer.text()
}
