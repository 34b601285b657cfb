import type { CloseClient, SearchQuery } from '@latchwork/close'

/** A client whose searches find only what meets a further condition, so that whoever counts and walks need not know it. */
export function conditioned(client: CloseClient, only: SearchQuery): CloseClient {
  const narrowed = (query: SearchQuery): SearchQuery =>
    query.type === 'and' && query.negate !== true
      ? { ...query, queries: [...query.queries, only] }
      : { type: 'and', queries: [query, only] }
  return {
    ...client,
    search: (body, options) => client.search({ ...body, query: narrowed(body.query) }, options),
  }
}
