import type {
  Grant,
  grantedRoles,
  Invitation,
  Member,
  ResourceKind,
  ResourceRole,
  Subject,
} from '@latchwork/contract'

export type GrantedRole = (typeof grantedRoles)[number]

/** What a member sees of a list: all of it, or what is theirs or shared with them. */
export type Viewer = { readonly memberId: string } | null

/** What is owned and shared. */
export interface Thing {
  readonly kind: ResourceKind
  readonly id: string
}

export interface AccessStore {
  /**
   * The subject's strongest role for each, by id; nothing for what it has no role for, or what there isn't. In one query,
   * by what the database says now: whether the member is still there, the workspace role, the owners, the grants.
   */
  rolesOf(subject: Subject, things: readonly Thing[]): Promise<ReadonlyMap<string, ResourceRole>>
  flowOfRun(runId: string): Promise<string | null>
  /** The owner first, then everyone, then members by name. */
  grants(kind: ResourceKind, id: string): Promise<Grant[]>
  /** `role` null takes away. */
  grant(
    kind: ResourceKind,
    id: string,
    grant: { readonly subject: Subject; readonly role: GrantedRole | null; readonly by: string },
  ): Promise<void>
  /** Whoever had it stays an admin of it. @throws LatchworkError `name_taken`, `member_not_found` */
  transfer(kind: ResourceKind, id: string, to: string, by: string): Promise<void>
}

export interface NewInvitation {
  readonly id: string
  readonly email: string
  readonly role: Member['role']
  /** SHA-256 of the link's token, hex. */
  readonly tokenHash: string
  readonly invitedBy: string
}
export interface InvitationRow extends NewInvitation {
  readonly expiresAt: string
}

export interface MemberStore {
  list(): Promise<Member[]>
  find(id: string): Promise<Member | null>
  findByEmail(email: string): Promise<Member | null>
  rename(id: string, name: string): Promise<Member | null>
  /** With an administrator's role end the invitations that they made, in one step. @throws LatchworkError `last_admin` */
  setRole(id: string, role: Member['role']): Promise<Member | null>
  /**
   * In one step: tokens, sign-ins and authorizations under way, invitations, drafts and undo end, grants go, what the member owns is the heir's. A credential whose name the heir has already
   * gets the member's name behind its own. @throws LatchworkError `last_admin`
   */
  remove(id: string, heirId: string): Promise<boolean>

  invitations(): Promise<Invitation[]>
  findInvitation(id: string): Promise<{ readonly email: string } | null>
  /**
   * @param replaced the invitation of the same address that this one takes the place of
   * @throws LatchworkError `conflict` if the address has got another one meanwhile, `share_full`
   */
  invite(row: NewInvitation, ttlMs: number, replaced?: string | null): Promise<Invitation>
  /** The id of the invitation of an address, expired ones too. */
  invitationOf(email: string): Promise<string | null>
  /** Not expired by the database's clock, made by who is an administrator still; stays. */
  lookInvitation(tokenHash: string): Promise<InvitationRow | null>
  /** Answers the row, likewise, and erases it in one step. */
  takeInvitation(tokenHash: string): Promise<InvitationRow | null>
  eraseInvitation(id: string): Promise<boolean>
}
