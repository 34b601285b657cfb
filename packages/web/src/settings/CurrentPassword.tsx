import { freshSignInMs } from '@latchwork/contract'
import type { PasswordInputProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { SecretInput } from '../ui/SecretInput.tsx'
import { signInsQuery } from './queries.ts'

/** Whether the member signed in by a passkey just now, and need not type the password. */
export function useProvenByPasskey(): boolean {
  const { data = [] } = useQuery(signInsQuery)
  return data.some(
    ({ current, method, createdAt }) =>
      current && method === 'passkey' && Date.now() - Date.parse(createdAt) < freshSignInMs,
  )
}

export const currentPasswordLabel = { currentPassword: 'Current password' }

/** The password that proves who asks. */
export function CurrentPassword(field: PasswordInputProps) {
  return (
    <SecretInput
      {...field}
      autoComplete="current-password"
      description="Forgotten? Sign in again with a passkey, or ask an administrator for a link."
      data-autofocus
    />
  )
}
