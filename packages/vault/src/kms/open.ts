import { randomBytes } from 'node:crypto'
import { isLoopbackHost, LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from '../key-provider.ts'
import { keyBytes } from '../sealing.ts'
import { awsService } from './aws.ts'
import { googleService } from './google.ts'
import { createServiceProvider, type KeyService } from './service.ts'
import { transitService } from './transit.ts'

export interface KeyServiceOptions {
  /** A file with a token, for Vault and OpenBao. */
  readonly tokenFile: string | null
  /** Another address than the vendor's, for AWS and Google. */
  readonly endpoint?: string
}

const aws = /^aws-kms:(?<region>[a-z0-9-]+)\/(?<keyId>[\w:/-]+)$/
const google =
  /^gcp-kms:(?<name>projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+)$/

/** Whether a text names a key of a service: `aws-kms:REGION/KEY`, `gcp-kms:projects/…`, `vault:https://HOST/MOUNT/KEY`. */
export function namesServiceKey(text: string): boolean {
  return aws.test(text) || google.test(text) || transitAddress(text) !== null
}

/**
 * The provider for a key of a service, after a data key was wrapped and unwrapped with it.
 * @throws LatchworkError `settings_invalid` if its client isn't installed or the token file isn't named;
 * `kms_unavailable` if the service doesn't do both
 */
export async function openServiceKey(text: string, options: KeyServiceOptions): Promise<KeyProvider> {
  const provider = createServiceProvider(await openService(text, options))
  const dataKey = randomBytes(keyBytes)
  if (!dataKey.equals(await provider.unwrap(await provider.wrap(dataKey)))) {
    throw new LatchworkError('kms_unavailable', {
      message: `The key service for ${text} answers with other bytes than it was given.`,
    })
  }
  return provider
}

/** @throws LatchworkError `settings_invalid` */
export async function openService(
  text: string,
  { tokenFile, endpoint }: KeyServiceOptions,
): Promise<KeyService> {
  const amazon = aws.exec(text)?.groups
  if (amazon !== undefined) {
    return awsService({ region: amazon['region'] ?? '', keyId: amazon['keyId'] ?? '', endpoint })
  }
  const cloud = google.exec(text)?.groups
  if (cloud !== undefined) return googleService({ name: cloud['name'] ?? '', endpoint })
  const transit = transitAddress(text)
  if (transit === null) {
    throw new LatchworkError('settings_invalid', { message: 'LATCHWORK_KMS names no key of a service.' })
  }
  if (tokenFile === null) {
    throw new LatchworkError('settings_invalid', {
      message: 'LATCHWORK_KMS_TOKEN_FILE is missing: Vault and OpenBao are asked with a token from a file.',
    })
  }
  return transitService({ ...transit, tokenFile })
}

function transitAddress(text: string): { origin: string; mount: string; key: string } | null {
  const url = text.startsWith('vault:') ? URL.parse(text.slice('vault:'.length)) : null
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    return null
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) return null
  const parts = /^\/(?<mount>[\w-]+(?:\/[\w-]+)*)\/(?<key>[\w-]+)$/.exec(url.pathname)?.groups
  return parts === undefined
    ? null
    : { origin: url.origin, mount: parts['mount'] ?? '', key: parts['key'] ?? '' }
}
