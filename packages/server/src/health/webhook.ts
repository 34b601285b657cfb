import { createHmac } from 'node:crypto'
import { lookup as lookUp } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { Secret } from '@latchwork/vault'

export interface WebhookSettings {
  readonly url: string
  readonly secret: Secret
}

const usualTimeoutMs = 10_000

/** Where machines of a cloud ask for their own credentials; a webhook is never there. */
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')

function isLinkLocal(address: string): boolean {
  return linkLocal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const guardedLookup: LookupFunction = (host, options, callback) => {
  lookUp(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    if (addresses.some(({ address }) => isLinkLocal(address))) {
      return callback(new Error('the webhook resolves to a link-local address'), [])
    }
    const [first] = addresses
    if (options.all === true || first === undefined) return callback(null, addresses)
    callback(null, first.address, first.family)
  })
}

/** What the receiver recomputes, over the header's time and the body as received. */
export function signature(secret: Secret, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`).digest('hex')}`
}

/**
 * Posts signed JSON. Redirects are not followed, the answer's body is not read.
 * @param nowMs the time that is signed with the body, so that an old message can't be played again
 * @throws Error unless the receiver answers with 2xx
 */
export async function postWebhook(
  { url, secret }: WebhookSettings,
  id: string,
  payload: unknown,
  nowMs: number,
  timeoutMs = usualTimeoutMs,
): Promise<void> {
  const target = new URL(url)
  if (
    isIP(target.hostname.replace(/^\[|\]$/g, '')) !== 0 &&
    isLinkLocal(target.hostname.replace(/^\[|\]$/g, ''))
  ) {
    throw new Error('the webhook is a link-local address')
  }
  const body = JSON.stringify(payload)
  const timestamp = String(Math.floor(nowMs / 1000))
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const status = await new Promise<number>((resolve, reject) => {
    const request = send(
      target,
      {
        method: 'POST',
        agent: false,
        lookup: guardedLookup,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'latchwork-id': id,
          'latchwork-timestamp': timestamp,
          'latchwork-signature': signature(secret, timestamp, body),
        },
      },
      (response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      },
    )
    request.on('error', reject)
    // Another protocol instead of an answer ends it without an error.
    request.on('close', () => reject(new Error('the webhook gave no answer')))
    request.end(body)
  })
  if (status < 200 || status > 299) throw new Error(`the webhook answered ${status}`)
}
