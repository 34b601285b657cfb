/** The shares of one member, so that nobody takes too much. They hold over all processes of an installation. */
export interface MemberShares {
  /** Runs of the member's flows that are under way at once. Further runs wait. */
  readonly runs: number
  /** Checks, samples and previews: requests that make the server call another system while somebody waits. */
  readonly checks: number
  readonly checksPerMinute: number
  readonly uploads: number
  readonly uploadsPerMinute: number
  /** Bytes of all files that the member owns. */
  readonly fileBytes: number
  /** Unsaved credentials; expired ones don't count. */
  readonly drafts: number
}

export const usualShares: MemberShares = {
  runs: 3,
  checks: 20,
  checksPerMinute: 600,
  uploads: 4,
  uploadsPerMinute: 240,
  fileBytes: 10 * 1024 ** 3,
  drafts: 100,
}

/** The most that one member may store, and what to call it. Expired ones don't count. */
export const mostHeld = {
  tokens: { most: 100, word: 'API tokens', cure: 'Revoke one that is no longer needed.' },
  files: { most: 1000, word: 'files', cure: 'Delete one that is no longer needed.' },
  passes: { most: 500, word: 'passes', cure: 'Delete one that is no longer needed.' },
  invitations: { most: 200, word: 'invitations that nobody has accepted', cure: 'Withdraw one.' },
} as const
