import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { EntryFrame } from './EntryFrame.tsx'

/** An address at which there is nothing. */
export function NotFoundPage() {
  return (
    <EntryFrame
      title="There is nothing at this address"
      description="It may have been deleted, or the address was copied in part."
    >
      <Button component={Link} to="/flows">
        Go to Flows
      </Button>
    </EntryFrame>
  )
}
