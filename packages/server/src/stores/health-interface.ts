import type { AlertKind, CredentialStatus } from '@latchwork/contract'
import type { CredentialRow } from './interfaces.ts'

/** What was seen last of a credential, from which its alerts are decided. */
export interface HealthState {
  /** The `statusAt` that was seen. */
  readonly observedAt: string
  readonly secretVersion: number
  readonly status: CredentialStatus
  readonly reasonCode: string | null
  /** How often in a row this status was seen. */
  readonly streak: number
}

export interface NewAlert {
  readonly id: string
  readonly kind: AlertKind
  readonly credentialId: string | null
  /** The flow that it is about. */
  readonly flowId?: string
  readonly ownerId: string
  readonly code: string | null
  readonly title: string
  readonly message: string
}
export interface AlertRow extends Omit<NewAlert, 'flowId'> {
  readonly flowId: string | null
  readonly createdAt: string
}

/** One look at a credential, and what follows. */
export interface Observation {
  readonly credentialId: string
  /** Nothing is written unless this was the last one; null: never seen before. */
  readonly expectedAt: string | null
  readonly state: HealthState
  /** `2026-11-23`, UTC. */
  readonly day: string
  readonly reasonMessage: string | null
  /** Conditions that now hold: each tells its alert when it begins to. */
  readonly raise: readonly { readonly condition: string; readonly alert: NewAlert }[]
  /** Conditions that hold no more. The alert is told if one of them did. */
  readonly clear: readonly { readonly conditions: readonly string[]; readonly alert: NewAlert }[]
  /** Told whatever the conditions are. */
  readonly tell: readonly NewAlert[]
}

export interface HealthDayRow {
  readonly credentialId: string
  readonly day: string
  readonly worst: CredentialStatus
  readonly reasonCode: string | null
  readonly reasonMessage: string | null
}

export interface HealthStore {
  /** Saved credentials whose status was established since `since` and not yet observed. */
  unobserved(since: string, limit: number): Promise<CredentialRow[]>
  state(credentialId: string): Promise<HealthState | null>
  /** All in one transaction; false: another observation came first. */
  observe(observation: Observation): Promise<boolean>
  /** Begins a condition outside an observation; false if it holds already. */
  raise(condition: string, alert: NewAlert): Promise<boolean>
  /** Ends a condition outside an observation; true if it held. */
  clear(condition: string, alert: NewAlert): Promise<boolean>
  days(credentialIds: readonly string[], fromDay: string): Promise<HealthDayRow[]>

  /** Saved credentials without a time for their next check. */
  unplanned(limit: number): Promise<string[]>
  /** Answers the time that was set: `inMs` from now, by the database's clock. */
  planCheck(credentialId: string, inMs: number): Promise<void>
  /** Those due; moves their next check on by `everyMs`, so that of several callers one gets each. */
  takeDue(limit: number, everyMs: number): Promise<CredentialRow[]>

  /** Saved credentials of an OAuth app that are verified or unverified. */
  working(clientId: string): Promise<CredentialRow[]>
  hasWorking(clientId: string): Promise<boolean>
  /** Marks those of the app failed that work and have the same secrets still, all at once; answers how many. */
  pause(
    clientId: string,
    rows: readonly Pick<CredentialRow, 'id' | 'secretVersion'>[],
    code: string,
    message: string,
  ): Promise<number>
  /** Credentials of the app that are paused for this reason. */
  pausedByApp(clientId: string, code: string): Promise<CredentialRow[]>

  insertAlert(alert: NewAlert): Promise<AlertRow>
  findAlert(id: string): Promise<AlertRow | null>
  /** Newest first; of one owner, or of all with null. */
  alerts(ownerId: string | null, limit: number): Promise<AlertRow[]>
  countAlerts(ownerId: string | null, after: string): Promise<number>
  unsent(limit: number): Promise<string[]>
  markSent(id: string): Promise<void>
  /** Forgets days before `day` and alerts older than `alertsBefore`. */
  forget(day: string, alertsBefore: string): Promise<void>
}
