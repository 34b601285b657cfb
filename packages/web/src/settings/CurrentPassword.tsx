import { freshSignInMs } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { SecretInput } from '../ui/SecretInput.tsx'
import { signInsQuery } from './queries.ts'

/** Whether whoever is signed in came in by a passkey just now, and need not type the password. */
export function useProvenByPasskey(): boolean {
  const { data = [] } = useQuery(signInsQuery)
  return data.some(
    ({ current, method, createdAt }) =>
      current && method === 'passkey' && Date.now() - Date.parse(createdAt) < freshSignInMs,
  )
}

interface CurrentPasswordProps {
  value: string
  error: string | undefined
  onChange(value: string): void
}

/** The password that proves who asks. */
export function CurrentPassword({ value, error, onChange }: CurrentPasswordProps) {
  return (
    <SecretInput
      label="Current password"
      name="current-password"
      autoComplete="current-password"
      description="Forgotten? Sign in again with a passkey, or ask an administrator for a link."
      required
      data-autofocus
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
