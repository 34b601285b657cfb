import type { Clock } from '@latchwork/connectors'
import {
  LatchworkError,
  type MasterKey,
  type MasterKeys,
  masterKeyDays,
  masterKeyOperations,
} from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { beginRotation, countRemaining, type RotationParts, readRotation, reencrypt } from './rotation.ts'
import type { MasterKeyRow } from './store.ts'

const dayMs = 86_400_000

/** The limits after which a key should be replaced. */
export interface KeyLimits {
  readonly ageDays: number
  readonly operations: number
}

const usualLimits: KeyLimits = { ageDays: masterKeyDays, operations: masterKeyOperations }

export interface MasterKeyParts extends RotationParts {
  readonly clock: Clock
  readonly limits?: KeyLimits
}

/** Shows the master keys to administrators, and changes them. */
export class MasterKeyService {
  readonly #parts: MasterKeyParts
  #warnedAtMs = Number.NEGATIVE_INFINITY

  constructor(parts: MasterKeyParts) {
    this.#parts = parts
  }

  async list(): Promise<MasterKeys> {
    const { stores, keys } = this.#parts
    await stores.keys.note(keys.provider.keyIds, keys.provider.description)
    const [rows, counts, quarantined, rotation, remaining] = await Promise.all([
      stores.keys.list(),
      stores.keys.countByKey(),
      stores.keys.listQuarantined(keys.vault.keyId),
      readRotation(stores),
      countRemaining(this.#parts),
    ])
    return {
      items: rows.map((row) => this.#view(row, counts.get(row.id) ?? 0)),
      rotation: rotation === null ? null : { ...rotation, remaining },
      quarantined: quarantined.map((value) => ({ ...value, at: toTime(value.at) })),
      canAdd: keys.changeable !== null,
      origin: keys.origin,
    }
  }

  /** Makes a key for the next rotation to change over to. @throws {LatchworkError} `master_key_not_addable` */
  async add(): Promise<MasterKeys> {
    const { stores, keys } = this.#parts
    const { changeable } = keys
    if (changeable === null) throw new LatchworkError('master_key_not_addable')
    await stores.keys.alone(() => changeable.add())
    return this.list()
  }

  /**
   * Changes over to the next key and records that everything must be sealed under it. The next key is one that waits,
   * otherwise a new one. If values are still sealed under another key than the active one, only the rotation is begun:
   * an earlier one was killed, or a person put a key first.
   */
  async changeOver(): Promise<void> {
    const { stores, keys } = this.#parts
    const { changeable } = keys
    if (changeable !== null && !(await this.isRotating()) && (await countRemaining(this.#parts)) === 0) {
      const before = changeable.activeKeyId
      const used = new Set(
        (await stores.keys.list()).filter((key) => key.operations > 0).map((key) => key.id),
      )
      await stores.keys.alone(() => {
        if (changeable.activeKeyId !== before) return // somebody else was quicker
        const waiting = changeable.keyIds.findLast((id) => id !== before && !used.has(id))
        changeable.activate(waiting ?? changeable.add())
      })
    }
    await beginRotation(this.#parts)
  }

  /** Seals everything under the active key. It can be stopped and called again. */
  async reencrypt(signal: AbortSignal): Promise<void> {
    await reencrypt(this.#parts, signal)
  }

  async isRotating(): Promise<boolean> {
    const rotation = await readRotation(this.#parts.stores)
    return rotation !== null && rotation.finishedAt === null
  }

  /**
   * Retires a key: nothing is opened with it any more. Searches the whole database for the key first.
   * @throws {LatchworkError} `master_key_not_found`, `master_key_in_use` with the tables that need it
   */
  async retire(id: string): Promise<MasterKeys> {
    const { stores, keys } = this.#parts
    const row = (await stores.keys.list()).find((key) => key.id === id)
    if (row === undefined) throw new LatchworkError('master_key_not_found')
    if (id === keys.vault.keyId) {
      throw new LatchworkError('master_key_in_use', {
        message: `The master key ${id} is the active one. Rotate to another key first.`,
      })
    }
    const places = await stores.keys.findAnywhere(id)
    if (places.length > 0) {
      throw new LatchworkError('master_key_in_use', {
        message: `Some values are still sealed under the master key ${id}: ${places.map(({ place, count }) => `${count} in ${place}`).join(', ')}. Rotate first. Delete values in quarantine, or enter them again.`,
      })
    }
    const { changeable } = keys
    if (changeable?.keyIds.includes(id)) await stores.keys.alone(() => changeable.archive(id))
    await stores.keys.markRetired(id)
    keys.refuse(id)
    return this.list()
  }

  /** Logs the warnings, once a day. */
  async warn(): Promise<void> {
    const { clock, log } = this.#parts
    if (clock.now() - this.#warnedAtMs < dayMs) return
    this.#warnedAtMs = clock.now()
    for (const { id, warnings } of (await this.list()).items) {
      for (const { code, message } of warnings) log.warn({ keyId: id, code }, message)
    }
  }

  #view(row: MasterKeyRow, rows: number): MasterKey {
    const { keys, clock, limits = usualLimits } = this.#parts
    const ageDays = Math.max(0, Math.floor((clock.now() - row.firstSeenAt) / dayMs))
    const state =
      row.retiredAt !== null
        ? 'retired'
        : row.id === keys.vault.keyId
          ? 'active'
          : keys.provider.keyIds.includes(row.id)
            ? 'readable'
            : 'missing'
    const warnings: MasterKey['warnings'] = []
    if (state === 'active' && ageDays >= limits.ageDays) {
      warnings.push({
        code: 'master_key_old',
        message: `This master key has been used for ${ageDays} days. Rotate about once a year.`,
      })
    }
    if (state === 'active' && row.operations >= limits.operations) {
      warnings.push({
        code: 'master_key_worn',
        message: `This master key was used ${row.operations} times. Rotate well before 4,294,967,296.`,
      })
    }
    return {
      ...row,
      firstSeenAt: toTime(row.firstSeenAt),
      retiredAt: toTimeOrNull(row.retiredAt),
      ...{ state, ageDays, rows, warnings },
    }
  }
}
