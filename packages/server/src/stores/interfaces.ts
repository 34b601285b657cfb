import type { AccessStore } from './access.ts'
import type { AuditStore } from './audit.ts'
import type { AuthorizationStore } from './authorizations.ts'
import type { CredentialStore } from './credentials.ts'
import type { DeviceStore } from './devices.ts'
import type { EndStore } from './ends.ts'
import type { FactStore } from './facts.ts'
import type { FileStore } from './files.ts'
import type { FlowStore } from './flows.ts'
import type { KeyStore } from './keys.ts'
import type { MemberStore } from './members.ts'
import type { PasskeyStore } from './passkeys.ts'
import type { PasswordResetStore } from './password-resets.ts'
import type { RecordStore } from './run-records.ts'
import type { RunStore } from './runs.ts'
import type { SessionStore } from './sessions.ts'
import type { ShareStore } from './shares.ts'
import type { TokenStore } from './tokens.ts'
import type { UsageStore } from './usage.ts'
export interface Stores {
  readonly kind: 'sqlite' | 'postgres'
  readonly credentials: CredentialStore
  readonly authorizations: AuthorizationStore
  readonly ends: EndStore
  readonly flows: FlowStore
  readonly runs: RunStore
  readonly records: RecordStore
  readonly tokens: TokenStore
  readonly devices: DeviceStore
  readonly sessions: SessionStore
  readonly passkeys: PasskeyStore
  readonly passwordResets: PasswordResetStore
  readonly facts: FactStore
  readonly audit: AuditStore
  readonly access: AccessStore
  readonly members: MemberStore
  readonly files: FileStore
  readonly shares: ShareStore
  readonly keys: KeyStore
  readonly usage: UsageStore
  /** The database's own clock. */
  now(): Promise<Date>
  ping(): Promise<void>
  close(): Promise<void>
}
