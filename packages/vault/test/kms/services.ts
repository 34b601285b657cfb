import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Call, ServiceKey } from './stand-in.ts'

/* What three key services answer, by their documentation. */
const purpose = Buffer.from('latchwork data key').toString('base64')
export const googleName = 'projects/hollowoak/locations/europe/keyRings/latchwork/cryptoKeys/master'
export const awsKey = '1f2e3d4c-0000-4000-8000-123456789abc'
export const awsArn = `arn:aws:kms:eu-west-1:111122223333:key/${awsKey}`

const text = z.string().default('')
const transitBody = z.object({ plaintext: text, ciphertext: text, associated_data: z.string() })
const googleBody = z.object({ plaintext: text, ciphertext: text, additionalAuthenticatedData: z.string() })
const awsBody = z.object({
  KeyId: z.string(),
  EncryptionContext: z.object({ purpose: z.string() }),
  Plaintext: text,
  CiphertextBlob: text,
})

export function answerTransit(key: ServiceKey, { path, headers, body }: Call) {
  const token = headers['x-vault-token']
  if (token !== 'token-1' && token !== 'token-2') return { status: 403, body: { errors: ['denied'] } }
  const asked = transitBody.parse(JSON.parse(body))
  if (path === '/v1/transit/encrypt/latchwork') {
    const ciphertext = `vault:v1:${key.encrypt(asked.plaintext, asked.associated_data)}`
    return { status: 200, body: { data: { ciphertext } } }
  }
  if (path !== '/v1/transit/decrypt/latchwork') return { status: 404, body: { errors: [] } }
  const plaintext = key.decrypt(asked.ciphertext.slice('vault:v1:'.length), asked.associated_data)
  return plaintext === null
    ? { status: 400, body: { errors: ['cipher: message authentication failed'] } }
    : { status: 200, body: { data: { plaintext } } }
}

export function answerGoogle(key: ServiceKey, { path, headers, body }: Call) {
  if (path === '/token')
    return { status: 200, body: { access_token: 'lent', token_type: 'Bearer', expires_in: 3600 } }
  if (headers.authorization !== 'Bearer lent') return { status: 401, body: {} }
  const asked = googleBody.parse(JSON.parse(body))
  const additional = asked.additionalAuthenticatedData
  if (path === `/v1/${googleName}:encrypt`) {
    const ciphertext = key.encrypt(asked.plaintext, additional)
    return { status: 200, body: { name: `${googleName}/cryptoKeyVersions/1`, ciphertext } }
  }
  if (path !== `/v1/${googleName}:decrypt`) return { status: 404, body: {} }
  const plaintext = key.decrypt(asked.ciphertext, additional)
  return plaintext === null ? { status: 400, body: {} } : { status: 200, body: { plaintext } }
}

const signature = /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/kms\/aws4_request, /

function answerAws(key: ServiceKey, { headers, body }: Call) {
  if (!signature.test(headers.authorization ?? ''))
    return { status: 403, body: { __type: 'AccessDeniedException' } }
  const asked = awsBody.parse(JSON.parse(body))
  const context = Buffer.from(asked.EncryptionContext.purpose).toString('base64')
  if (headers['x-amz-target'] === 'TrentService.Encrypt')
    return { status: 200, body: { KeyId: awsArn, CiphertextBlob: key.encrypt(asked.Plaintext, context) } }
  const plaintext = key.decrypt(asked.CiphertextBlob, context)
  return plaintext === null
    ? { status: 400, body: { __type: 'InvalidCiphertextException' } }
    : { status: 200, body: { KeyId: awsArn, Plaintext: plaintext } }
}

export const services = {
  'Vault transit': {
    answer: answerTransit,
    name: (url: string) => `vault:${url}/transit/latchwork`,
    bound: ({ body }: Call) => transitBody.parse(JSON.parse(body)).associated_data === purpose,
  },
  'Google Cloud KMS': {
    answer: answerGoogle,
    name: () => `gcp-kms:${googleName}`,
    bound: ({ body }: Call) => googleBody.parse(JSON.parse(body)).additionalAuthenticatedData === purpose,
  },
  'AWS KMS': {
    answer: answerAws,
    name: () => `aws-kms:eu-west-1/${awsKey}`,
    bound: ({ body }: Call) => {
      const asked = awsBody.parse(JSON.parse(body))
      return asked.EncryptionContext.purpose === 'latchwork data key' && asked.KeyId === awsKey
    },
  },
}

/** Google's library finds a workload's identity in this file, for which the stand-in lends a token. */
export function googleIdentity(folder: string, url: string): string {
  const subject = join(folder, 'subject')
  writeFileSync(subject, 'subject-token')
  const config = join(folder, 'google.json')
  const identity = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/token`,
    credential_source: { file: subject },
  }
  writeFileSync(config, JSON.stringify(identity))
  return config
}
