import type { CloseClient, SearchQuery } from '@latchwork/close'

/**
 * A client whose searches find only what meets further conditions, so that whoever counts and walks need not know them.
 * @param conditionsOf the conditions on records of a kind
 */
export function conditioned(
  client: CloseClient,
  conditionsOf: (searchType: string) => readonly SearchQuery[],
): CloseClient {
  const narrowed = (query: SearchQuery): SearchQuery => {
    const parts = query.type === 'and' && query.negate !== true ? query.queries : [query]
    const kind = parts.find((part) => part.type === 'object_type')
    return kind === undefined
      ? query
      : { type: 'and', queries: [...parts, ...conditionsOf(kind.object_type)] }
  }
  return {
    ...client,
    search: (body, options) => client.search({ ...body, query: narrowed(body.query) }, options),
  }
}
