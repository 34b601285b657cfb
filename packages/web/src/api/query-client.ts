import { ApiError } from '@latchwork/contract'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

/**
 * The page's cache of answers. A question is asked again after it failed only when the server couldn't be reached or
 * was at fault: what it refused, it refuses again.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiError && error.code === 'not_signed_in') onSignedOut()
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError: (error) => {
        onError(error)
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
