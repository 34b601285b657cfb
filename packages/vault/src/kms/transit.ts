import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { limitedAnswer } from '../limited-answer.ts'
import { ExposedFileError, readPrivateFile } from '../private-file.ts'
import { type KeyService, maxAnswerBytes, purpose, Refused, ServiceStatus } from './service.ts'

interface TransitKey {
  /** Origin of the server, for example `https://vault.company.example:8200`. */
  readonly origin: string
  /** Where the secrets engine is mounted; usually `transit`. */
  readonly mount: string
  readonly key: string
  /** A file with the token. It is read for each call, so an agent can renew the token there. */
  readonly tokenFile: string
}

const encrypted = z.object({ data: z.object({ ciphertext: z.string().startsWith('vault:') }) })
const decrypted = z.object({ data: z.object({ plaintext: z.base64() }) })

/**
 * A key of the transit engine of Vault or OpenBao: aes256-gcm96 or another type that takes associated data. Its calls
 * throw LatchworkError `settings_invalid` if others can read the token file.
 * @see https://openbao.org/api-docs/secret/transit/
 */
export function transitService({ origin, mount, key, tokenFile }: TransitKey): KeyService {
  const associated = Buffer.from(purpose).toString('base64')
  const ask = async (action: 'encrypt' | 'decrypt', body: object, signal: AbortSignal): Promise<unknown> => {
    const token = readToken(tokenFile) // its line end is no part of a header
    const answer = await fetch(`${origin}/v1/${mount}/${action}/${encodeURIComponent(key)}`, {
      method: 'POST',
      headers: { 'x-vault-token': token, 'x-vault-request': 'true', 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, associated_data: associated }),
      redirect: 'error',
      signal,
    })
    if (answer.ok) return limitedAnswer(answer, maxAnswerBytes).json()
    await answer.body?.cancel()
    if (action === 'decrypt' && answer.status === 400) throw new Refused()
    throw new ServiceStatus(answer.status)
  }
  return {
    resource: `vault:${origin}/${mount}/${key}`,
    encrypt: async (plaintext, signal) =>
      encrypted.parse(await ask('encrypt', { plaintext: plaintext.toString('base64') }, signal)).data
        .ciphertext,
    decrypt: async (ciphertext, signal) =>
      Buffer.from(decrypted.parse(await ask('decrypt', { ciphertext }, signal)).data.plaintext, 'base64'),
  }
}

function readToken(path: string): string {
  try {
    return readPrivateFile(path)
  } catch (error) {
    if (!(error instanceof ExposedFileError)) throw error
    throw new LatchworkError('settings_invalid', {
      message: `LATCHWORK_KMS_TOKEN_FILE: the token file ${path} ${error.message}`,
    })
  }
}
