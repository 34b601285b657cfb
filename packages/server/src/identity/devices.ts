import { randomInt } from 'node:crypto'
import {
  type DeviceCodes,
  type DeviceRequest,
  LatchworkError,
  type Token,
  type User,
  userCodeLetters,
} from '@latchwork/contract'
import { hashToken, newRandomToken } from '@latchwork/vault'
import { toTime } from '../database/columns.ts'
import type { Caller } from '../http/caller.ts'
import type { Authentication } from './authentication.ts'
import type { DeviceStore } from './store/devices.ts'

const ttlMs = 10 * 60_000
const intervalSeconds = 2
/** The same lifetime as a token that a person makes on the page. */
const tokenDays = 90
const confirmPage = '/device'

/**
 * Signs in a program on a machine without a browser. It shows a short code, the person confirms the code on our page,
 * and the program gets an API token of that person. Nobody types or pastes a secret.
 * @see RFC 8628
 */
export class DeviceSignIn {
  readonly #devices: DeviceStore
  readonly #authentication: Authentication
  readonly #publicUrl: string

  constructor(stores: { readonly devices: DeviceStore }, authentication: Authentication, publicUrl: string) {
    this.#devices = stores.devices
    this.#authentication = authentication
    this.#publicUrl = publicUrl
  }

  async begin(deviceName: string, address: string): Promise<DeviceCodes> {
    await this.#devices.eraseExpired()
    const deviceCode = newRandomToken()
    let userCode: string
    do {
      userCode = newUserCode()
    } while (
      !(await this.#devices.insert({
        deviceHash: hashToken(deviceCode),
        userHash: hashToken(userCode),
        deviceName,
        address,
        ttlMs,
        intervalSeconds,
      }))
    )
    const verificationUrl = this.#publicUrl + confirmPage
    return {
      deviceCode,
      userCode,
      verificationUrl,
      verificationUrlComplete: `${verificationUrl}?code=${userCode}`,
      expiresInSeconds: ttlMs / 1000,
      intervalSeconds,
    }
  }

  /**
   * Returns the new API token, once.
   * @throws {LatchworkError} `authorization_pending`, `slow_down`, `access_denied`, `expired_token`
   * @see RFC 8628 section 3.5
   */
  async poll(deviceCode: string): Promise<{ user: User; token: Token; secret: string }> {
    const outcome = await this.#devices.poll(hashToken(deviceCode))
    switch (outcome.kind) {
      case 'pending':
        throw new LatchworkError('authorization_pending')
      case 'too_soon':
        throw new LatchworkError('slow_down')
      case 'denied':
        throw new LatchworkError('access_denied')
      case 'unknown':
        throw new LatchworkError('expired_token')
      case 'allowed': {
        const user = (await this.#authentication.users([outcome.userId])).get(outcome.userId)
        if (user === undefined) throw new LatchworkError('access_denied')
        const made = await this.#authentication.createToken(
          user,
          `Command line on ${outcome.deviceName}`,
          tokenDays,
          null,
          outcome.deviceName,
        )
        return { user, ...made }
      }
    }
  }

  /** @throws {LatchworkError} `device_not_found` */
  async lookUp(userCode: string): Promise<DeviceRequest> {
    const row = await this.#devices.findUndecided(hashToken(userCode))
    if (row === null) throw new LatchworkError('device_not_found')
    return { userCode, ...row, createdAt: toTime(row.createdAt), expiresAt: toTime(row.expiresAt) }
  }

  /** @throws {LatchworkError} `device_not_found`; `forbidden` for an API token, which could otherwise outlive itself */
  async decide(userCode: string, allow: boolean, caller: Caller): Promise<void> {
    if (caller.via !== 'session') {
      throw new LatchworkError('forbidden', {
        message: 'Confirm a sign-in in the browser: an API token cannot.',
      })
    }
    if (!(await this.#devices.decide(hashToken(userCode), allow ? caller.user.id : null))) {
      throw new LatchworkError('device_not_found')
    }
  }
}

function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => userCodeLetters[randomInt(userCodeLetters.length)])
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`
}
