/**
 * Holds the master keys and wraps data keys with them. Asynchronous, so that a key service over the network fits.
 */
export interface KeyProvider {
  /** Id of the active master key: its fingerprint, which tells nothing about the key. */
  readonly activeKeyId: string
  /** Where the key comes from, for messages: `file /path` or `LATCHWORK_MASTER_KEY`. */
  readonly description: string
  /** Wraps a data key of 32 bytes with the active key. The result carries the key's id. */
  wrap(dataKey: Buffer): Promise<string>
  /** @throws LatchworkError `master_key_missing` if the wrapping key isn't held, `secret_unreadable` if altered */
  unwrap(wrapped: string): Promise<Buffer>
}
