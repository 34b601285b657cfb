import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { EmptyState } from './EmptyState.tsx'
import { usePageTitle } from './page-title.ts'

/** An address at which there is nothing. */
export function NotFoundPage() {
  usePageTitle('Not found')
  return (
    <EmptyState
      icon={<IconMapOff size={28} stroke={1.5} />}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/flows">
          Go to Flows
        </Button>
      }
    >
      It may have been deleted, or the address was copied in part.
    </EmptyState>
  )
}
