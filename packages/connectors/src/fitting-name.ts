import { createHash } from 'node:crypto'

/**
 * A name that fits: as it is where it may stay so, otherwise cut, with a hash of the whole at its end, so that two long
 * names that begin alike stay apart.
 * @param plain what of it can be written
 */
export function fittingName(name: string, maxBytes: number, plain = name): string {
  if (plain === name && name !== '' && Buffer.byteLength(name) <= maxBytes) return name
  const hash = createHash('sha256')
    .update(name, plain === name ? 'utf8' : 'utf16le')
    .digest('hex')
    .slice(0, 8)
  let cut = plain
  while (Buffer.byteLength(cut) > maxBytes - hash.length - 1) cut = [...cut].slice(0, -1).join('')
  return `${cut}_${hash}`
}
