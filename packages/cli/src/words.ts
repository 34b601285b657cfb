import type { Credential, CredentialStatus, Run, RunStatus, RunStream } from '@latchwork/contract'
import type { Terminal } from './terminal.ts'

type Style = Parameters<Terminal['paint']>[0]

export const credentialStyles: Readonly<Record<CredentialStatus, Style>> = {
  verified: 'green',
  unverified: 'yellow',
  failed: 'red',
  draft: 'dim',
}

export const runStyles: Readonly<Record<RunStatus, Style>> = {
  queued: 'dim',
  running: 'cyan',
  succeeded: 'green',
  partial: 'yellow',
  failed: 'red',
  cancelled: 'dim',
}

export const streamStyles: Readonly<Record<RunStream['status'], Style>> = {
  ...runStyles,
  waiting: 'dim',
  skipped: 'yellow',
}

/** `2026-03-04 05:06` in the terminal's own time zone; a dash for never. */
export function shortTime(time: string | null): string {
  if (time === null) return '-'
  const at = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** As `shortTime`, with seconds. */
export function exactTime(time: string): string {
  return `${shortTime(time)}:${String(new Date(time).getSeconds()).padStart(2, '0')}`
}

/** The account that a credential acts for. */
export function accountOf({ identity }: Pick<Credential, 'identity'>): string {
  if (identity === null) return ''
  const who = identity.userEmail === '' ? identity.userName : identity.userEmail
  return `${identity.organizationName} · ${who}`
}

export function countsOf(run: Run): string {
  const of = run.recordsExpected === null ? '' : ` of ${run.recordsExpected}`
  const deleted = run.recordsDeleted === 0 ? '' : `, ${run.recordsDeleted} deleted`
  return `${run.recordsRead}${of} read, ${run.recordsWritten} written, ${run.recordsRefused} refused${deleted}`
}
