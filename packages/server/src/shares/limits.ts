/** How much one member may take, so that nobody takes more than a share. Over all processes of an installation. */
export interface MemberShares {
  /** Runs of flows that the member owns, under way at once. Further ones wait. */
  readonly runs: number
  /** Checks, samples and previews: what makes the server call another system while somebody waits. */
  readonly checks: number
  readonly checksPerMinute: number
  readonly uploads: number
  readonly uploadsPerMinute: number
  /** Bytes of all files that the member owns. */
  readonly fileBytes: number
  /** Credentials that are not saved; expired ones don't count. */
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

/** The most that one member may have of what is kept, and what to call it. Expired ones don't count. */
export const mostHeld = {
  tokens: { most: 100, word: 'API tokens', cure: 'Revoke one that is no longer needed.' },
  invitations: { most: 200, word: 'invitations that nobody has accepted', cure: 'Take one back.' },
} as const
