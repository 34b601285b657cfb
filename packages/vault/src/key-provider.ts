/**
 * Holds the master keys and wraps data keys with them. Asynchronous, so that a key service over the network fits.
 */
export interface KeyProvider {
  /** Id of the active master key: its fingerprint, which tells nothing about the key. Another one after a rotation. */
  readonly activeKeyId: string
  /** The keys that this provider can open with, the active one first. */
  readonly keyIds: readonly string[]
  /** Where the key comes from, for messages: `file /path` or `LATCHWORK_MASTER_KEY`. */
  readonly description: string
  /** Wraps a data key of 32 bytes with the active key. The result carries the key's id. */
  wrap(dataKey: Buffer): Promise<string>
  /** @throws LatchworkError `master_key_missing` if the wrapping key isn't held, `secret_unreadable` if altered */
  unwrap(wrapped: string): Promise<Buffer>
}

/** Keys that the server itself can make, activate and archive. */
export interface ChangeableKeys extends KeyProvider {
  /** Makes a key that isn't active yet; answers its id. */
  add(): string
  /** @throws LatchworkError `master_key_missing` if it isn't held */
  activate(keyId: string): void
  /** Archives a key, so that nothing is opened with it any more. @throws LatchworkError `master_key_missing`, `master_key_in_use` if active */
  archive(keyId: string): void
}
