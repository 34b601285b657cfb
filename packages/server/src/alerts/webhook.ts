import { createHmac } from 'node:crypto'
import { lookup as lookUp } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { Secret } from '@latchwork/vault'
import { Webhook } from 'standardwebhooks'
import type { WebhookSettings } from '../settings/settings.ts'

const usualTimeoutMs = 10_000

/** Addresses where cloud machines get their own credentials. A webhook is refused there. */
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

/**
 * Headers by which the receiver verifies that a message is ours, unaltered and recent.
 * @param secret `whsec_` followed by a key in base64; any other text is used as the key itself
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
function signedHeaders(secret: Secret, id: string, at: Date, body: string) {
  const text = secret.reveal()
  const isEncoded = text.startsWith('whsec_')
  const signer = isEncoded ? new Webhook(text) : new Webhook(Buffer.from(text), { format: 'raw' })
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const earlier = createHmac('sha256', text).update(`${timestamp}.${body}`).digest('hex')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signer.sign(id, at, body),
    // Deprecated: for receivers set up before the standard headers existed.
    'latchwork-id': id,
    'latchwork-timestamp': timestamp,
    'latchwork-signature': `v1=${earlier}`,
  }
}

/**
 * Posts signed JSON, through the outbound proxy where one is set. Follows no redirects and does not read the answer's body.
 * @param nowMs signed with the body, so that an old message can't be replayed
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
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const status = await new Promise<number>((resolve, reject) => {
    const request = send(
      target,
      {
        method: 'POST',
        lookup: guardedLookup,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...signedHeaders(secret, id, new Date(nowMs), body),
        },
      },
      (response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      },
    )
    request.on('error', reject)
    // An answer that switches protocols closes the request without an error.
    request.on('close', () => reject(new Error('the webhook gave no answer')))
    request.end(body)
  })
  if (status < 200 || status > 299) throw new Error(`the webhook answered ${status}`)
}
