import type { Identity } from '@latchwork/contract'

/** Whom a credential acts for: "Acme Rocketry · ops@acme.example". */
export function IdentityLine({ identity }: { identity: Identity }) {
  const who = identity.userEmail === '' ? identity.userName : identity.userEmail
  return (
    <span>
      <strong dir="auto">{identity.organizationName}</strong> · <bdi>{who}</bdi>
    </span>
  )
}
