import { describe, expect, it } from 'vitest'
import { createLocalProvider, createVault, makeSentinel, verifySentinel } from '../src/index.ts'
import { createServiceProvider } from '../src/kms/service.ts'
import { newKeyLine } from '../src/local-keys.ts'

/*
 * What version 0.1.0 wrote. All of it must open for ever: a change that breaks one of these loses somebody's secrets.
 */
const provider = () => createLocalProvider([Buffer.alloc(32, 7)], 'a test')
const place = { table: 'credentials', rowId: 'cred_golden', version: 3 }
const row = {
  wrappedKey:
    'lw1.107e0c0c44408ad8.ueMUzKeAua7_Tvvg.igZp6CZoYARSa0vCyfIT8rW8ul9Q_Q8fS-zDK7QDuFMWglJrM8JjbI9bImuJECjfLCIw8NiTMXF875M',
  fields: { apiKey: 'lw1.107e0c0c44408ad8.Fbv9rHaIO371rPMM.nDDuqSFrZ979QxRT9hOaWc1166H9mQ' },
}
const sentinel =
  'lw1.107e0c0c44408ad8.GBl8bIudLoQ013W6.loPOUTWpk5PX2lehtDsDhnwu0AUYQpNpxlHEmP7GoVKhDqc4p_S_IxXQAyDE5FWJCzjhqRHeZLI1iKE lw1.107e0c0c44408ad8.6ShaD-HICSms0QuJ.P5pdZgL7RsQhepgOURRy_8AnCBGdtmwGMDqvxKQJdEOXZsc'

describe('what an earlier version stored', () => {
  it('opens: a sealed row', async () => {
    expect((await createVault(provider()).open(place, row, 'apiKey')).reveal()).toBe('pä ss')
  })

  it('fits: the sentinel', async () => {
    await expect(verifySentinel(provider(), sentinel)).resolves.toBeUndefined()
  })

  it('is found: a key has the same fingerprint for ever', () => {
    expect(provider().activeKeyId).toBe('107e0c0c44408ad8')
    const service = {
      resource: 'vault:https://vault.hollowoak.example/transit/master',
      encrypt: async () => '',
      decrypt: async () => Buffer.alloc(0),
    }
    expect(createServiceProvider(service).activeKeyId).toBe('db017a6c9d83508e')
  })

  it('has the form that it has today', async () => {
    const sealed = await createVault(provider()).seal(place, {})
    expect(sealed.wrappedKey).toMatch(/^lw1\.107e0c0c44408ad8\.[\w-]{16}\.[\w-]{79}$/)
    expect(await makeSentinel(provider())).toMatch(/^lw1\.[\w.-]+ lw1\.[\w.-]+$/)
    expect(newKeyLine()).toMatch(/^lw-key-1:[\w-]{43}$/)
  })
})
