import { freeName, type Identity } from '@latchwork/contract'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api } from '../api/client.ts'
import { credentialKeys } from './queries.ts'
import type { CredentialForm } from './useCredentialForm.ts'

/** What a credential that nobody named is called after its account: "Acme Inc. (ops)". */
export function accountName({ organizationName, userName, userEmail }: Identity): string {
  const user = userEmail.split('@')[0] || userName
  if (user === '') return organizationName
  return organizationName.endsWith(')') ? `${organizationName}, ${user}` : `${organizationName} (${user})`
}

/** The name after the account, or the first one with a number that is not taken. */
export const suggestedNameQuery = (identity: Identity | null) =>
  queryOptions({
    queryKey: [...credentialKeys.lists, 'free name', identity],
    queryFn: async () => {
      if (identity === null) return ''
      const name = accountName(identity)
      const { items } = await api.credentials.list({ query: { query: name, limit: 200 } })
      return freeName(
        name,
        items.map((other) => other.name),
      )
    },
  })

/** Fills in the name from the account that was found, as long as nobody has typed one. */
export function useSuggestedName({ suggestName }: CredentialForm, identity: Identity | null): void {
  const { data = '' } = useQuery({ ...suggestedNameQuery(identity), enabled: identity !== null })
  useEffect(() => suggestName(identity === null ? '' : data), [suggestName, identity, data])
}
