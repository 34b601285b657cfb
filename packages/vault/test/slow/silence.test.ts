import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createServiceProvider } from '../../src/kms/service.ts'

it('a key service is given up after five seconds of silence', async () => {
  const silence = () => new Promise<never>(() => {})
  const provider = createServiceProvider({ resource: 'silence', encrypt: silence, decrypt: silence })
  await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
})
