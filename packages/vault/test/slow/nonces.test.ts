import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { sealField } from '../../src/sealing.ts'

it('#33 repeats no nonce in a million encryptions', async () => {
  const key = randomBytes(32)
  const place = { table: 't', rowId: 'r', field: 'f', version: 1 }
  const seen = new Set<string>()
  for (let count = 0; count < 1_000_000; count++) {
    const sealed = sealField(key, 'k', place, '')
    if (count % 10_000 === 0) await setImmediate() // vitest hears nothing of a worker that never pauses
    seen.add(sealed.slice(6, 22)) // after "lw1.k.": 12 bytes are 16 characters
  }
  expect(seen.size).toBe(1_000_000)
}, 300_000)
