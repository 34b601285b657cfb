import { ApiError } from '@latchwork/contract'
import { MutationCache, QueryClient } from '@tanstack/react-query'

/**
 * The page's cache of answers. A question is asked again after it failed only when the server couldn't be reached or
 * was at fault: what it refused, it refuses again.
 */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    mutationCache: new MutationCache({
      onError: (error) => {
        // Somebody else changed what is shown.
        if (error instanceof ApiError && error.code === 'conflict') void client.invalidateQueries()
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || isPassing(error)),
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}

function isPassing({ problem }: ApiError): boolean {
  return problem.status === 0 || problem.status === 503
}
