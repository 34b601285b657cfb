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
})
