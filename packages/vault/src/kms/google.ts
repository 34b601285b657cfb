import { z } from 'zod'
import { limitedAnswer } from '../limited-answer.ts'
import {
  type KeyService,
  loadClient,
  maxAnswerBytes,
  purpose,
  Refused,
  ServiceStatus,
  waitMs,
} from './service.ts'

interface GoogleKey {
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
  readonly name: string
  /** Another address than Google's own. */
  readonly endpoint: string | undefined
}

const encrypted = z.object({ name: z.string(), ciphertext: z.base64() })
const decrypted = z.object({ plaintext: z.base64() })

/**
 * A symmetric key of Google Cloud KMS, with the credentials that Google's own library finds (Application Default
 * Credentials).
 * @throws LatchworkError `settings_invalid` if the library isn't installed
 * @see https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt
 */
export async function googleService(key: GoogleKey): Promise<KeyService> {
  const { name, endpoint = 'https://cloudkms.googleapis.com' } = key
  const library = await loadClient('google-auth-library', () => import('google-auth-library'))
  const { GoogleAuth } = library
  limitLenders(library)
  const auth = new GoogleAuth({
    scopes: 'https://www.googleapis.com/auth/cloudkms',
    projectId: name.split('/')[1] ?? '', // or the library asks another service for it
  })
  const additional = Buffer.from(purpose).toString('base64')
  const ask = async (action: 'encrypt' | 'decrypt', body: object, signal: AbortSignal): Promise<unknown> => {
    const url = `${endpoint}/v1/${name}:${action}`
    const headers = new Headers(await auth.getRequestHeaders(url))
    headers.set('content-type', 'application/json')
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, additionalAuthenticatedData: additional }),
      redirect: 'error',
      signal,
    })
    if (answer.ok) return limitedAnswer(answer, maxAnswerBytes).json()
    await answer.body?.cancel()
    if (action === 'decrypt' && answer.status === 400) throw new Refused()
    throw new ServiceStatus(answer.status)
  }
  return {
    resource: `gcp-kms:${name}`,
    encrypt: async (plaintext, signal) => {
      const answer = encrypted.parse(
        await ask('encrypt', { plaintext: plaintext.toString('base64') }, signal),
      )
      // Answered with the version of the key that was used.
      if (!answer.name.startsWith(`${name}/`)) throw new Error('another key answered')
      return answer.ciphertext
    },
    decrypt: async (ciphertext, signal) =>
      Buffer.from(decrypted.parse(await ask('decrypt', { ciphertext }, signal)).plaintext, 'base64'),
  }
}

let limited = false

/**
 * The lender of tokens is not trusted either: its answers have a limit, and it sends nobody elsewhere. The library makes
 * HTTP clients in many places, some without what it was given for them, so the limits are those of all of them.
 */
function limitLenders({ gaxios: { Gaxios } }: typeof import('google-auth-library')): void {
  if (limited) return
  limited = true
  const { request } = Gaxios.prototype
  Object.assign(Gaxios.prototype, {
    request(this: InstanceType<typeof Gaxios>, options: Parameters<typeof request>[0]) {
      return request.call(this, { timeout: waitMs, ...options, size: maxAnswerBytes, redirect: 'error' })
    },
  })
}
