import { describe, expect, it } from 'vitest'
import { passPresets } from '../src/pass-objects.ts'
import { passWords } from '../src/pass-words.ts'

describe('what a pass may do, in words', () => {
  it('names objects by verb, and what it may not', () => {
    expect(passWords({ objects: { lead: ['read'], note: ['create', 'read'] } })).toEqual({
      may: 'May read leads and notes; create notes.',
      mayNot: 'May not change or delete anything, nor read anything else.',
    })
    expect(passWords({ objects: {} }).may).toBe('May do nothing.')
    expect(passWords({ objects: passPresets.everything.grants })).toEqual({
      may: 'May read everything; create everything; change everything; delete everything.',
      mayNot: '',
    })
    expect(passWords({ objects: passPresets.no_deletes.grants }).mayNot).toBe('May not delete anything.')
  })

  it('names limits of fields and endpoints by hand', () => {
    const { may } = passWords({
      objects: { lead: ['read', 'change'] },
      fields: { lead: { read: ['display_name', 'url'], write: ['description'] } },
      paths: [{ method: 'GET', path: '/me/' }],
    })
    expect(may).toContain('Of leads only display_name and url can be read.')
    expect(may).toContain('Of leads only description can be written.')
    expect(may).toContain('Also GET /me/.')
  })

  it('names a smart view, and what is refused beside one', () => {
    const smartView = { id: 'save_1', name: 'Customers in Bavaria' }
    const { may, mayNot } = passWords({ objects: { lead: ['read', 'create'] }, smartView })
    expect(may).toBe(
      'May read leads; create leads. Of leads, and of what belongs to them, only what the smart view “Customers in Bavaria” shows.',
    )
    expect(mayNot).toMatch(/May not change or delete anything.*A smart view can’t limit reports/)
    expect(mayNot).toContain('new leads')
    const free = passWords({ objects: { lead: ['create'] }, smartView: { id: 'save_1', newLeads: true } })
    expect(free.may).toContain('the smart view “save_1” shows. New leads may be outside of it.')
    expect(free.mayNot).not.toContain('new leads')
  })
})
