import {
  credentialAccess,
  destinationAccess,
  fileAccess,
  flowAccess,
  sourceAccess,
} from './endpoints/access.ts'
import { session, settings, tokens } from './endpoints/accounts.ts'
import { audit } from './endpoints/audit.ts'
import { connectors, credentials } from './endpoints/credentials.ts'
import { deletedCredentials } from './endpoints/deleted.ts'
import { devices } from './endpoints/devices.ts'
import { destinations, files, sources } from './endpoints/ends.ts'
import { flows, runs } from './endpoints/flows.ts'
import { alerts, health } from './endpoints/health.ts'
import { keys } from './endpoints/keys.ts'
import { invitations, members } from './endpoints/members.ts'
import { account, address, passkeySignIn, passkeys, passwordResets, signIns } from './endpoints/sign-in.ts'

/**
 * Every operation with a JSON answer. Besides these the server answers `GET /oauth/callback` (a redirect),
 * `GET` and `PUT /api/files/{name}` (the file's bytes), `GET /api/audit/export` (JSON lines), `POST /api/backup` (a file in
 * the age format), `/api/openapi.json`, `/health/live` and `/health/ready`.
 */
export const endpoints = {
  address,
  session,
  passkeySignIn,
  passwordResets,
  account,
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
  deletedCredentials,
  keys,
}
export type Endpoints = typeof endpoints
