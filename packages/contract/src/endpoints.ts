import {
  credentialAccess,
  destinationAccess,
  fileAccess,
  flowAccess,
  passAccess,
  sourceAccess,
} from './endpoints/access.ts'
import { audit } from './endpoints/audit.ts'
import { alerts, health } from './endpoints/checks.ts'
import { connectors, credentials } from './endpoints/credentials.ts'
import { deletedCredentials } from './endpoints/deleted.ts'
import { devices } from './endpoints/devices.ts'
import { flows, runs } from './endpoints/flows.ts'
import { keys } from './endpoints/keys.ts'
import { invitations, members } from './endpoints/members.ts'
import { passWrites } from './endpoints/pass-writes.ts'
import { passes } from './endpoints/passes.ts'
import { session, settings, tokens } from './endpoints/session.ts'
import { destinations, files, sources } from './endpoints/sides.ts'
import { address, passkeySignIn, passkeys, passwordResets, profile, signIns } from './endpoints/sign-in.ts'
import { streams } from './endpoints/streams.ts'

/**
 * Every operation with JSON for a body and an answer; `streams` has the others. Besides these the server answers
 * `GET /oauth/callback` (a redirect), `/api/openapi.json`, `/health/live` and `/health/ready`.
 */
export const endpoints = {
  address,
  session,
  passkeySignIn,
  passwordResets,
  profile,
  signIns,
  passkeys,
  tokens,
  devices,
  settings,
  connectors,
  credentials,
  sources,
  destinations,
  flows,
  runs,
  files,
  passes,
  passWrites,
  health,
  alerts,
  audit,
  members,
  invitations,
  credentialAccess,
  sourceAccess,
  destinationAccess,
  flowAccess,
  fileAccess,
  passAccess,
  deletedCredentials,
  keys,
}
export type Endpoints = typeof endpoints
export { streams }
