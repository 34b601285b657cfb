/** A program that waits for a person to confirm its sign-in. */
export interface DeviceRow {
  readonly deviceName: string
  /** The network address that asked. */
  readonly address: string
  readonly createdAt: string
  readonly expiresAt: string
}

export interface NewDevice {
  /** SHA-256 of the code that the program keeps, hex. */
  readonly deviceHash: string
  /** SHA-256 of the code that the person types, hex. */
  readonly userHash: string
  readonly deviceName: string
  readonly address: string
  readonly ttlMs: number
  readonly intervalSeconds: number
}

/** How a poll ends; a row is erased by an answer other than `pending` and `too_soon`. */
export type DevicePoll =
  | { readonly kind: 'pending' | 'too_soon' | 'denied' | 'unknown' }
  | { readonly kind: 'allowed'; readonly userId: string; readonly deviceName: string }

/** All times are the database's. */
export interface DeviceStore {
  /** False if another sign-in under way has this user code. */
  insert(device: NewDevice): Promise<boolean>
  /** One that is undecided and not expired. */
  findUndecided(userHash: string): Promise<DeviceRow | null>
  /** Decides an undecided one, once; false if there is none. `userId` null: refused. */
  decide(userHash: string, userId: string | null): Promise<boolean>
  /**
   * Of several polls that find it allowed, one gets it. A poll sooner than the interval after the last one makes the
   * interval five seconds longer.
   */
  poll(deviceHash: string): Promise<DevicePoll>
  eraseExpired(): Promise<void>
}
