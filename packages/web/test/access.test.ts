import { endpoints, type ResourceRole } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { may } from '../src/access/role.ts'
import { compareIdentities } from '../src/credentials/outcome.ts'

const as = (yourRole: ResourceRole) => ({ yourRole })

describe('what a role allows', () => {
  it('follows the rules of the contract, each role all that the ones before it may', () => {
    const { check, secrets, delete: remove, get } = endpoints.credentials
    expect(may(as('collaborator'), get)).toBe(true)
    expect([may(as('collaborator'), check), may(as('operator'), check)]).toEqual([false, true])
    expect([may(as('operator'), secrets), may(as('admin'), secrets)]).toEqual([false, true])
    expect([may(as('admin'), remove), may(as('owner'), remove)]).toEqual([false, true])
    expect(may(as('operator'), endpoints.runs.records)).toBe(true)
    expect(may(as('admin'), endpoints.flowAccess.transfer)).toBe(false)
  })

  it('leaves what anybody may do to anybody', () => {
    expect(may(as('collaborator'), endpoints.credentials.create)).toBe(true)
  })
})

describe('the account of a new secret', () => {
  const acme = {
    organizationId: 'orga_1',
    organizationName: 'Acme',
    userId: 'user_1',
    userName: 'Orla',
    userEmail: 'orla@acme.example',
  }

  it('is compared by organization first, then by user, never by name', () => {
    expect(compareIdentities(null, acme)).toBe('unknown')
    expect(compareIdentities(acme, { ...acme, organizationName: 'Acme Ltd.' })).toBe('same')
    expect(compareIdentities(acme, { ...acme, userId: 'user_2' })).toBe('other_user')
    expect(compareIdentities(acme, { ...acme, organizationId: 'orga_2' })).toBe('other_organization')
  })
})
