import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type {
  newPasskeySchema,
  passkeyCreationSchema,
  passkeyProofSchema,
  passkeyRequestSchema,
} from '@latchwork/contract'
import type { z } from 'zod'

/** What an authenticator may get wrong, or another site do. */
export interface Oddity {
  readonly origin?: string
  readonly rpId?: string
  readonly userVerified?: boolean
  /** Counted by the authenticator; 0 where it does not count. */
  readonly counter?: number
  readonly type?: string
}

/** A key pair that signs as an authenticator and a browser do. @see WebAuthn Level 3, sections 6.1 and 6.5.4 */
export class Authenticator {
  readonly #privateKey: KeyObject
  readonly #coordinates: Buffer[]
  readonly id = randomBytes(32)
  readonly origin: string

  constructor(origin: string) {
    this.origin = origin
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#privateKey = privateKey
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    this.#coordinates = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  }

  make(options: z.output<typeof passkeyCreationSchema>, odd: Oddity = {}): z.input<typeof newPasskeySchema> {
    const [x = Buffer.alloc(0), y = Buffer.alloc(0)] = this.#coordinates
    // CBOR: a map of the key's type, algorithm (ES256), curve, x and y.
    const key = Buffer.concat([bytes('a5010203262001215820'), x, bytes('225820'), y])
    const attested = Buffer.concat([Buffer.alloc(16), bytes('0020'), this.id, key])
    const data = Buffer.concat([this.#data(options.rp.id, odd, 0x40), attested])
    // {fmt: "none", attStmt: {}, authData: data}
    const object = Buffer.concat([
      bytes('a363666d74646e6f6e656761747453746d74a068617574684461746158'),
      Buffer.from([data.length]),
      data,
    ])
    return {
      ...this.#named(),
      response: {
        clientDataJSON: this.#client('webauthn.create', options.challenge, odd).toString('base64url'),
        attestationObject: object.toString('base64url'),
      },
    }
  }

  prove(
    options: z.output<typeof passkeyRequestSchema>,
    odd: Oddity = {},
  ): z.input<typeof passkeyProofSchema> {
    const client = this.#client('webauthn.get', options.challenge, odd)
    const data = this.#data(options.rpId, odd, 0)
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
    return {
      ...this.#named(),
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, this.#privateKey).toString('base64url'),
      },
    }
  }

  #named() {
    const id = this.id.toString('base64url')
    return { id, rawId: id, type: 'public-key' as const }
  }

  #client(type: string, challenge: string, odd: Oddity): Buffer {
    const { origin = this.origin } = odd
    return Buffer.from(JSON.stringify({ type: odd.type ?? type, challenge, origin, crossOrigin: false }))
  }

  #data(rpId: string, { rpId: other, userVerified = true, counter = 0 }: Oddity, flags: number): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const hash = createHash('sha256')
      .update(other ?? rpId)
      .digest()
    return Buffer.concat([hash, Buffer.from([0x01 | (userVerified ? 0x04 : 0) | flags]), count])
  }
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}
