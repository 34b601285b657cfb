import { isIP } from 'node:net'
import { invalidField, LatchworkError, type PassRules } from '@latchwork/contract'
import { isNetwork } from '../settings/addresses.ts'

/* What a pass must say of itself, beyond what its schema demands. */

/** @throws {LatchworkError} `pass_invalid` */
export function requireRules({ objects, fields = {}, paths = [] }: PassRules): void {
  if (Object.keys(objects).length === 0 && paths.length === 0) {
    throw new LatchworkError('pass_invalid', {
      message: 'This pass may do nothing. Choose what it is for.',
      errors: [{ field: 'rules.objects', rule: 'required', message: 'Choose what the pass may do.' }],
    })
  }
  const idle = Object.keys(fields).find((name) => !Object.hasOwn(objects, name))
  if (idle === undefined) return
  const message = `There are limits for fields of "${idle}", which the pass may not touch. Allow it, or remove the limits.`
  throw new LatchworkError('pass_invalid', {
    message,
    errors: [{ field: `rules.fields.${idle}`, rule: 'applies', message }],
  })
}

/** @throws {LatchworkError} `invalid_input` */
export function requireEnd(expiresAt: number | null, neverBecause: string | null, nowMs: number): void {
  if (expiresAt === null && (neverBecause ?? '') === '')
    throw invalidField('neverBecause', 'required', 'Say why this pass never expires, or give it an end.')
  if (expiresAt !== null && expiresAt <= nowMs)
    throw invalidField('expiresAt', 'future', 'Expires at is in the past.')
}

/** @throws {LatchworkError} `invalid_input` */
export function requireAddresses(addresses: readonly string[]): readonly string[] {
  const wrong = addresses.findIndex((each) => isIP(each) === 0 && !isNetwork(each))
  if (wrong === -1) return [...new Set(addresses)]
  throw invalidField(
    `addresses.${wrong}`,
    'address',
    'An address is an IP address such as 192.0.2.7, or a network such as 10.0.0.0/8.',
  )
}
