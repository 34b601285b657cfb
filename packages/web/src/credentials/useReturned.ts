import type { Credential } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect } from 'react'
import { forgetDeparture } from './oauth-channel.ts'
import { credentialQuery } from './queries.ts'

/**
 * The credential for which somebody comes back from another system's page in this same window, and how that ended.
 * Null when nobody does; `credential` is null while it is loaded, and `isGone` says that it no longer exists.
 */
export function useReturned(): {
  returned: { credential: Credential; result: string } | null
  isGone: boolean
  forget(): void
} {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const id = typeof search['draft'] === 'string' ? search['draft'] : null
  const result = typeof search['result'] === 'string' ? search['result'] : null
  const isBack = id !== null && result !== null
  const { data, isError } = useQuery({ ...credentialQuery(id ?? ''), enabled: isBack })
  useEffect(() => {
    if (isBack) forgetDeparture()
  }, [isBack])
  const forget = useCallback(() => {
    void navigate({
      to: '.',
      search: ({ draft: _draft, result: _result, ...rest }: Record<string, unknown>) => rest,
      replace: true,
    })
  }, [navigate])
  return {
    returned: isBack && data !== undefined ? { credential: data, result } : null,
    isGone: isBack && isError,
    forget,
  }
}
