import { registerAccess } from '../identity/access-routes.ts'
import { registerDevices } from '../identity/device-routes.ts'
import { DeviceSignIn } from '../identity/devices.ts'
import { registerMembers } from '../identity/member-routes.ts'
import { Members } from '../identity/members.ts'
import { OwnSignIn } from '../identity/own-sign-in.ts'
import { Passkeys } from '../identity/passkeys.ts'
import { PasswordResets } from '../identity/password-resets.ts'
import { registerAuthentication } from '../identity/routes.ts'
import { SignInLimit } from '../identity/sign-in-limit.ts'
import { registerOwnSignIn } from '../identity/sign-in-routes.ts'
import { fileSpaceFull } from '../shares/shares.ts'
import type { Foundation } from './foundation.ts'

/** How often one client may try to sign in within a minute, unless a setting says so. */
const usualTries = 20

/** The endpoints of members, their sign-ins and their rights. */
export function registerIdentity(foundation: Foundation): void {
  const { app, stores, rules, authentication, secret, settings } = foundation
  const { publicUrl } = settings
  const limit = new SignInLimit(stores.attempts, settings.signInTries ?? usualTries, secret)
  registerMembers(app, new Members(stores, authentication, publicUrl), limit)
  const { fileBytes } = foundation.shareLimits
  registerAccess(app, rules, stores, async (kind, id) => {
    const file = kind === 'file' ? await stores.files.find(id) : null
    // Otherwise a member could fill another's space, and empty the own one.
    if (file !== null && (await stores.files.claim(id, file.bytes, fileBytes)) === 'full')
      throw fileSpaceFull(fileBytes)
  })
  registerAuthentication(app, authentication, limit)
  const own = new OwnSignIn(stores, authentication)
  const resets = new PasswordResets({ stores, authentication, own, publicUrl })
  const passkeys = new Passkeys(stores.passkeys, publicUrl)
  registerOwnSignIn(app, { authentication, own, passkeys, resets, publicUrl, commit: stores.commit }, limit)
  registerDevices(app, new DeviceSignIn(stores, authentication, publicUrl), limit)
}
