import type { SignInMethod } from '@latchwork/contract'

/** What is known of a session besides its sealed value. */
export interface SignInRow {
  readonly id: string
  readonly userId: string
  /** In words, for example `Firefox on Windows`; null: not noted. */
  readonly client: string | null
  readonly address: string | null
  readonly method: SignInMethod | null
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly expiresAt: string | null
}
/** By what and from where a session is used. */
export type SignInUse = Pick<SignInRow, 'client' | 'address'>

/**
 * Sessions by the hash of their token, with their data sealed: a dump opens none. One that somebody ended stays as an
 * empty row until it would have expired, so that a request under way in another process can't write it anew.
 */
export interface SessionStore {
  get(keyHash: string): Promise<string | null>
  /** `userId` for a session, null for what else better-auth keeps. */
  set(keyHash: string, value: string, expiresAt: string | null, userId?: string | null): Promise<void>
  erase(keyHash: string): Promise<void>
  eraseExpired(): Promise<void>

  /** Null for one that was ended, and for one of before this list that was not taken in yet. */
  find(keyHash: string): Promise<SignInRow | null>
  /** Takes in a session of before this list. */
  adopt(keyHash: string, session: { readonly userId: string; readonly createdAt: string }): Promise<void>
  /** Notes how the session was opened. */
  open(keyHash: string, use: SignInUse & { readonly method: SignInMethod }): Promise<void>
  /** At most once a minute. */
  touch(keyHash: string, use: SignInUse): Promise<void>
  /** Used last first. */
  ofUser(userId: string): Promise<SignInRow[]>
  end(userId: string, id: string): Promise<boolean>
  /** All of a user but one, or with null all; answers how many. */
  endAll(userId: string, exceptId: string | null): Promise<number>
}

export interface PasskeyRow {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** What the authenticator knows it by, base64url. */
  readonly credentialId: string
  /** COSE, base64url. */
  readonly publicKey: string
  /** How often it signed, for an authenticator that counts; 0 for one that does not. */
  readonly counter: number
  readonly synced: boolean
  readonly createdAt: string
  readonly lastUsedAt: string | null
}

export interface PasskeyStore {
  ofUser(userId: string): Promise<PasskeyRow[]>
  find(credentialId: string): Promise<PasskeyRow | null>
  /** Null if the authenticator's passkey is here already. */
  insert(row: Omit<PasskeyRow, 'createdAt' | 'lastUsedAt'>): Promise<PasskeyRow | null>
  rename(userId: string, id: string, name: string): Promise<PasskeyRow | null>
  /** Its name; null if there is none. */
  erase(userId: string, id: string): Promise<string | null>
  /** Notes a use; false if another use was counted meanwhile, or the passkey is gone. */
  use(row: Pick<PasskeyRow, 'id' | 'counter' | 'synced'>, seenCounter: number): Promise<boolean>

  /** A challenge for whoever holds what `boundTo` is the hash of. */
  addChallenge(challengeHash: string, boundTo: string, ttlMs: number): Promise<void>
  /** True once, in time, for what it was bound to. */
  takeChallenge(challengeHash: string, boundTo: string): Promise<boolean>
}

export interface ResetRow {
  readonly userId: string
  /** Null: somebody on the server's machine. */
  readonly madeBy: string | null
}

/** Links by which a password is chosen anew, as hashes. Those of somebody who is no administrator any more are void. */
export interface PasswordResetStore {
  /** Ends an earlier link of the user; answers when this one expires. */
  make(row: ResetRow & { readonly tokenHash: string }, ttlMs: number): Promise<string>
  look(tokenHash: string): Promise<ResetRow | null>
  /** Answers the row and erases it in one step. */
  take(tokenHash: string): Promise<ResetRow | null>
}
