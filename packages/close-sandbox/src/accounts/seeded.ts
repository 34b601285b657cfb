import type { Accounts, User } from './accounts.ts'

const NAMES = [
  'Acme Rocketry',
  'Beta Beverages',
  'Cobalt Cartography',
  'Dovetail Dental',
  'Ember Energy',
  'Fathom Foods',
] as const

/** A person of the sandbox, before they are added. */
interface Person {
  readonly firstName: string
  readonly lastName: string
  readonly roleId: string
}

const STAFF: readonly (readonly Person[])[] = [
  [
    { firstName: 'Orla', lastName: 'Fennimore', roleId: 'admin' },
    { firstName: 'Tobin', lastName: 'Quillfeather', roleId: 'user' },
    { firstName: 'Mirela', lastName: 'Óskarsdóttir-Vane', roleId: 'restricteduser' },
  ],
  [
    { firstName: 'Beck', lastName: 'Lindqvale', roleId: 'admin' },
    { firstName: 'Sanna', lastName: 'Marrowby', roleId: 'user' },
  ],
]

/** The name of the organization with that number, counted from 0. */
export function organizationName(number: number): string {
  return NAMES[number] ?? `Organization ${number + 1}`
}

/**
 * Adds the people of an organization: named staff to the first two, one admin to each other. The admin of the first
 * organization is also an ordinary member of the second, so that the consent page offers a choice.
 */
export function addStaff(
  accounts: Accounts,
  organizationId: string,
  number: number,
  createdMs: number,
): User[] {
  const domain = `${organizationName(number).toLowerCase().replaceAll(' ', '-')}.example`
  const staff = STAFF[number] ?? [{ firstName: 'Admin', lastName: `Number ${number + 1}`, roleId: 'admin' }]
  const added = staff.map(({ firstName, lastName, roleId }) => {
    const email = `${firstName.toLowerCase()}@${domain}`
    const user = accounts.addUser({ email, firstName, lastName, timezone: 'America/Denver', createdMs })
    accounts.addMembership(user.id, organizationId, roleId)
    return user
  })
  if (number === 1) {
    const first = accounts.users.values().next().value
    if (first) accounts.addMembership(first.id, organizationId, 'user')
  }
  return added
}
