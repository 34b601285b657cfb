import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { limitedBody } from '../limited-answer.ts'
import { type KeyService, loadClient, maxAnswerBytes, purpose, Refused } from './service.ts'

interface AwsKey {
  readonly region: string
  /** A key id, an ARN, or `alias/…`. */
  readonly keyId: string
  /** Another address than AWS's own. */
  readonly endpoint: string | undefined
}

/** Says that the ciphertext was altered, encrypted by another key, or for another context. */
const refusals = new Set(['InvalidCiphertextException', 'IncorrectKeyException'])

/**
 * A symmetric key of AWS KMS, with the credentials that AWS's own client finds (environment, profile, instance role).
 * @throws LatchworkError `settings_invalid` if the client isn't installed
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
export async function awsService({ region, keyId, endpoint }: AwsKey): Promise<KeyService> {
  const { KMSClient, EncryptCommand, DecryptCommand } = await loadClient(
    '@aws-sdk/client-kms',
    () => import('@aws-sdk/client-kms'),
  )
  const client = new KMSClient({
    region,
    maxAttempts: 2,
    // Its own agents know nothing of an outbound proxy.
    requestHandler: {
      httpAgent: new HttpAgent({ keepAlive: true, proxyEnv: process.env }),
      httpsAgent: new HttpsAgent({ keepAlive: true, proxyEnv: process.env }),
    },
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  // The client gathers an answer whole, whatever its length.
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call)
      const { response } = result
      if (
        typeof response === 'object' &&
        response !== null &&
        'body' in response &&
        isChunks(response.body)
      ) {
        response.body = limitedBody(streamOf(response.body), maxAnswerBytes)
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswer' },
  )
  const key = { KeyId: keyId, EncryptionContext: { purpose } }
  const check = (answered: string | undefined): void => {
    if (keyId.startsWith('alias/') || keyId.includes(':alias/')) return // answered with the key behind it
    if (answered !== keyId && !answered?.endsWith(`:key/${keyId}`)) throw new Error('another key answered')
  }
  return {
    resource: `aws-kms:${region}/${keyId}`,
    encrypt: async (plaintext, abortSignal) => {
      const answer = await client.send(new EncryptCommand({ ...key, Plaintext: plaintext }), { abortSignal })
      check(answer.KeyId)
      if (answer.CiphertextBlob === undefined) throw new Error('no ciphertext')
      return Buffer.from(answer.CiphertextBlob).toString('base64')
    },
    decrypt: async (ciphertext, abortSignal) => {
      const command = new DecryptCommand({ ...key, CiphertextBlob: Buffer.from(ciphertext, 'base64') })
      const answer = await client.send(command, { abortSignal }).catch((error: unknown) => {
        throw error instanceof Error && refusals.has(error.name) ? new Refused() : error
      })
      check(answer.KeyId)
      if (answer.Plaintext === undefined) throw new Error('no plaintext')
      return Buffer.from(answer.Plaintext)
    },
  }
}

function isChunks(body: unknown): body is AsyncIterable<Uint8Array<ArrayBuffer>> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

/** `ReadableStream.from` by hand: the browser's types, with which the tests of the page are checked, don't know it. */
function streamOf(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const each = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const next = await each.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await each.return?.()
    },
  })
}
