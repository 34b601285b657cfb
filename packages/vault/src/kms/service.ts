import { createHash } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from '../key-provider.ts'
import { keyBytes, unreadable } from '../sealing.ts'

/** The operations of a key service with one of its keys, which never leaves it. */
export interface KeyService {
  /** The key's full name: its fingerprint comes from it. */
  readonly resource: string
  /** Bound to `purpose` by the service. */
  encrypt(plaintext: Buffer, signal: AbortSignal): Promise<string>
  /** @throws Refused if the service says that this is not what it encrypted */
  decrypt(ciphertext: string, signal: AbortSignal): Promise<Buffer>
}

/** Bound into every ciphertext as encryption context or additional data, and checked by the service. */
export const purpose = 'latchwork data key'

/** The service's definite word that a ciphertext is not its own, or was altered. */
export class Refused extends Error {}

/** For each call. */
export const waitMs: number = 5000
/** Of an answer: a data key, wrapped, and some words about it. */
export const maxAnswerBytes: number = 64 * 1024
const rememberedMs = 5 * 60_000
const rememberedKeys = 1000
const format = 'lwk'

/**
 * A provider that has its data keys wrapped by a service: `lwk.<key id>.<ciphertext in base64url>`. Unwrapped data keys
 * are remembered for five minutes, so that not each use of a secret is a call. A failing service fails the use.
 * @param now milliseconds since any moment
 * @param timeoutMs for each call
 */
export function createServiceProvider(
  service: KeyService,
  now: () => number = () => performance.now(),
  timeoutMs = waitMs,
): KeyProvider {
  const activeKeyId = createHash('sha256')
    .update('latchwork key service fingerprint\n')
    .update(service.resource)
    .digest('hex')
    .slice(0, 16)
  const remembered = new Map<string, { dataKey: Promise<Buffer>; untilMs: number }>()

  const ask = async (wrapped: string): Promise<Buffer> => {
    const [name, keyId, ciphertext, ...rest] = wrapped.split('.')
    if (name !== format || ciphertext === undefined || rest.length > 0) throw unreadable()
    if (keyId !== activeKeyId) {
      throw new LatchworkError('master_key_missing', {
        message: `A secret was sealed under the master key ${keyId}, which is not ${service.resource}.`,
      })
    }
    const text = Buffer.from(ciphertext, 'base64url').toString()
    const dataKey = await call(service, timeoutMs, (signal) => service.decrypt(text, signal))
    if (dataKey.length !== keyBytes) throw unreadable()
    return dataKey
  }

  return {
    activeKeyId,
    keyIds: [activeKeyId],
    description: service.resource,
    wrap: async (dataKey) => {
      const ciphertext = await call(service, timeoutMs, (signal) => service.encrypt(dataKey, signal))
      return [format, activeKeyId, Buffer.from(ciphertext).toString('base64url')].join('.')
    },
    unwrap: (wrapped) => {
      const known = remembered.get(wrapped)
      if (known !== undefined && known.untilMs > now()) return known.dataKey
      const dataKey = ask(wrapped)
      remembered.delete(wrapped)
      remembered.set(wrapped, { dataKey, untilMs: now() + rememberedMs })
      dataKey.catch(() => remembered.delete(wrapped))
      const [oldest] = remembered.keys()
      if (remembered.size > rememberedKeys && oldest !== undefined) remembered.delete(oldest)
      return dataKey
    },
  }
}

async function call<T>(
  service: KeyService,
  timeoutMs: number,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs)
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true })
  })
  try {
    return await Promise.race([action(signal), over])
  } catch (error) {
    if (error instanceof Refused) throw unreadable()
    if (error instanceof LatchworkError) throw error
    throw unavailable(service.resource, error)
  }
}

/**
 * @param error its name and status are told, never its text: a client may put a request into that. AWS names its errors
 * itself: only what can be a name, and no data key or token, is repeated.
 */
function unavailable(resource: string, error: unknown): LatchworkError {
  const name = error instanceof Error && /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'unknown'
  const status = error instanceof ServiceStatus ? `, status ${error.status}` : ''
  return new LatchworkError('kms_unavailable', {
    message: `The key service for ${resource} did not do what it was asked (${name}${status}). Check that it can be reached and that this server may encrypt and decrypt with the key.`,
  })
}

/** An answer that is no success. */
export class ServiceStatus extends Error {
  override readonly name = 'ServiceStatus'
  readonly status: number

  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

/** Loads a client that is installed only by those who need it. @throws LatchworkError `settings_invalid` naming it */
export async function loadClient<T>(packageName: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new LatchworkError('settings_invalid', {
      message: `LATCHWORK_KMS needs the package ${packageName}, which isn't installed. Run npm install ${packageName}.`,
      cause,
    })
  }
}
