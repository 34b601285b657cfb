import { Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { sessionQuery } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'

/**
 * Shows the page only at the server's own address: at another one Close's callback, passkeys and the session's cookie
 * would fail later, one by one. There it leads to the same place at the right address.
 */
export function AddressGuard({ children }: { children: ReactNode }) {
  const { data, isPending } = useQuery({
    queryKey: ['address'],
    queryFn: () => api.address.get(),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  // Asked beside it, so that the page waits for one answer only.
  useQuery({ ...sessionQuery, retry: false })
  if (isPending) return null
  // While the page is developed, vite serves it at an address of its own.
  if (
    data === undefined ||
    import.meta.env.DEV ||
    new URL(data.publicUrl).origin === window.location.origin
  ) {
    return children
  }
  const { pathname, search, hash } = window.location
  return <OtherAddressPage publicUrl={data.publicUrl} path={pathname + search + hash} />
}

function OtherAddressPage({ publicUrl, path }: { publicUrl: string; path: string }) {
  return (
    <EntryFrame
      title="Latchwork has another address"
      description="Nobody can sign in at the address that you opened."
    >
      <Stack gap="md">
        <Text>
          You opened <strong>{window.location.origin}</strong>, and this server is at{' '}
          <strong>{publicUrl}</strong>.
        </Text>
        <Button component="a" href={publicUrl + path} fullWidth autoFocus>
          Go there
        </Button>
        <Text size="sm" c="dimmed">
          If this address is the right one, set <code>LATCHWORK_PUBLIC_URL</code> to it on the server.
        </Text>
      </Stack>
    </EntryFrame>
  )
}
