/** Whose fault a failed run is, as far as its code tells: where a person puts it right. */
export type Remedy = 'credential' | 'source' | 'destination' | 'access' | 'wait' | 'again'

const remedies: Record<string, Remedy> = {
  credential_failed: 'credential',
  credential_draft: 'credential',
  credential_not_found: 'credential',
  key_rejected: 'credential',
  account_refused: 'credential',
  grant_rejected: 'credential',
  lost_rotation: 'credential',
  identity_changed: 'credential',
  not_authorized: 'credential',
  oauth_client_rejected: 'credential',
  login_rejected: 'credential',
  database_missing: 'credential',
  tls_failed: 'credential',
  file_not_found: 'source',
  file_invalid: 'source',
  mapping_invalid: 'destination',
  access_withdrawn: 'access',
  unreachable: 'wait',
  upstream_error: 'wait',
  upstream_rate_limited: 'wait',
}

export function remedyFor(code: string): Remedy {
  return remedies[code] ?? 'again'
}

/** What to do next, as a sentence. */
export const remedyText: Record<Remedy, string> = {
  credential: 'Put the credential right, then run the flow again.',
  source: 'Check what the data source reads, then run the flow again.',
  destination: 'Check how the data destination is set up, then run the flow again.',
  access: 'The flow is paused. Once its owner may use what it needs again, resume it.',
  wait: 'Wait until the other system answers, then run the flow again.',
  again:
    'Run the flow again. If it fails in the same way, quote the code and the run’s id to whoever runs this server.',
}
