import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Returns a check whether an address is one of these, or in one of these networks. */
export function amongNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const plain = plainAddress(address)
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain))
  }
}

/** True for an IP address, or for a network such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/**
 * Cuts `X-Forwarded-For` to the addresses after the last entry that is not an address. The client may have written
 * everything before them.
 */
export function cutForwarded({ headers }: IncomingMessage): void {
  const given = headers['x-forwarded-for']
  if (given === undefined) return
  const entries = [given].flat().join(',').split(',')
  const parts = entries.map((part) => part.trim())
  const good = parts.slice(parts.findLastIndex((part) => isIP(part) === 0) + 1)
  if (good.length === 0) delete headers['x-forwarded-for']
  else headers['x-forwarded-for'] = good.join(', ')
}

/**
 * The address of a request's client: the last one in `X-Forwarded-For` that is no trusted proxy, if the peer is one. To be
 * called after `cutForwarded`.
 */
export function clientAddress(
  { headers, socket }: IncomingMessage,
  isTrusted: (address: string) => boolean,
): string {
  const peer = plainAddress(socket.remoteAddress ?? '')
  if (!isTrusted(peer)) return peer
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  const given = named.map((each) => each.trim()).filter((each) => each !== '')
  return plainAddress(given.findLast((each) => !isTrusted(each)) ?? given[0] ?? peer)
}

/** The unit that counts as one client: an IPv4 address, or the /64 network of an IPv6 address. */
export function clientNetwork(address: string): string {
  const plain = plainAddress(address)
  if (isIP(plain) !== 6) return plain
  const [before = '', after] = plain.split('%', 1)[0]?.split('::') ?? []
  const groups = (part: string) =>
    part
      .replace(/\d+(\.\d+){3}$/, 'v:4')
      .split(':')
      .filter((group) => group !== '')
  const [left, right] = [groups(before), groups(after ?? '')]
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const first = [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
  return `${first.join(':')}::/64`
}

/** Turns an IPv4 address in IPv6 notation into the IPv4 address. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+(\.\d+){3}$)/i, '')
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
