import { Button } from '@mantine/core'
import { IconMapQuestion } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { EmptyState } from './EmptyState.tsx'
import { usePageTitle } from './page-title.ts'

const title = 'There is nothing at this address'

/** An address at which there is nothing. */
export function NotFoundPage() {
  usePageTitle(title)
  return (
    <EmptyState
      icon={<IconMapQuestion size={28} stroke={1.5} />}
      title={title}
      titleOrder={1}
      action={
        <Button component={Link} to="/flows">
          Go to Flows
        </Button>
      }
    >
      It may have been deleted, or only a part of the address was copied.
    </EmptyState>
  )
}
