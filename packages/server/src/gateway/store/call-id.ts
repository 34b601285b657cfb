import { newId } from '@latchwork/contract'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Enough for milliseconds. */
const timeLength = 8

/**
 * A new id of a call, which begins with its time. Calls that are stored together so stand together in the index of their
 * ids, where random ones would change a page each.
 */
export function newCallId(atMs: number): string {
  let [time, left] = ['', Math.max(0, Math.floor(atMs))]
  while (time.length < timeLength) {
    time = `${alphabet[left % alphabet.length]}${time}`
    left = Math.floor(left / alphabet.length)
  }
  const random = newId('call')
  const prefix = random.slice(0, random.indexOf('_') + 1)
  return prefix + time + random.slice(prefix.length + timeLength)
}
