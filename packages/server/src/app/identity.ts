import { registerAccess } from '../identity/access-routes.ts'
import { registerDevices } from '../identity/device-routes.ts'
import { DeviceSignIn } from '../identity/devices.ts'
import { registerMembers } from '../identity/member-routes.ts'
import { Members } from '../identity/members.ts'
import { OwnSignIn } from '../identity/own-sign-in.ts'
import { Passkeys } from '../identity/passkeys.ts'
import { PasswordResets } from '../identity/password-resets.ts'
import { registerAccounts } from '../identity/routes.ts'
import { SignInLimit } from '../identity/sign-in-limit.ts'
import { registerOwnSignIn } from '../identity/sign-in-routes.ts'
import type { Foundation } from './foundation.ts'

/** The endpoints of members, their sign-ins and their rights. */
export function registerIdentity({
  app,
  stores,
  rules,
  accounts,
  limits,
  secret,
  settings,
}: Foundation): void {
  const { publicUrl } = settings
  const limit = new SignInLimit(stores.attempts, limits.signInsPerMinute, secret)
  registerMembers(app, new Members(stores.members, accounts, publicUrl), limit)
  registerAccess(app, rules, stores)
  registerAccounts(app, accounts, limit)
  const own = new OwnSignIn(stores, accounts)
  const resets = new PasswordResets({ stores, accounts, own, publicUrl })
  const passkeys = new Passkeys(stores.passkeys, publicUrl)
  registerOwnSignIn(app, { accounts, own, passkeys, resets, publicUrl, commit: stores.commit }, limit)
  registerDevices(app, new DeviceSignIn(stores, accounts, publicUrl), limit)
}
