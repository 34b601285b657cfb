import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'

/** The way to a failed credential. */
export function CredentialButton({ id, name, method }: { id: string; name: string; method: string }) {
  const label = method === 'oauth2' ? 'Sign in again' : 'Fix the credential'
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={`${label}: ${name}`}
      renderRoot={(props) => <Link to="/credentials" search={{ id }} {...props} />}
    >
      {label}
    </Button>
  )
}
