import { endpoints, LatchworkError, type User } from '@latchwork/contract'
import { tellOfAct } from '../audit/recording.ts'
import { bindBrowser, browserToken } from '../http/browser-token.ts'
import type { Caller } from '../http/caller.ts'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { Authentication } from './authentication.ts'
import type { OwnSignIn } from './own-sign-in.ts'
import { challengeTtlMs, type NewPasskey, type Passkeys } from './passkeys.ts'
import type { PasswordResets } from './password-resets.ts'
import type { SignInLimit } from './sign-in-limit.ts'

const passkeyCookie = '__Host-latchwork-passkey'

interface Parts {
  readonly authentication: Authentication
  readonly own: OwnSignIn
  readonly passkeys: Passkeys
  readonly resets: PasswordResets
  readonly publicUrl: string
  /** Runs `work` in one transaction, with the entry of the request. */
  commit<T>(work: () => Promise<T>): Promise<T>
}

/** A browser begins one each time its person chooses to use a passkey. */
const beginsPerMinute = 60

/** Registers what people do with their own sign-in. A possible guess counts like any try to sign in. */
export function registerOwnSignIn(app: HttpApp, parts: Parts, limit: SignInLimit): void {
  const guessed = { before: limit.check }
  const { own, resets, publicUrl } = parts
  const { address, profile, signIns, passwordResets } = endpoints
  registerPublicEndpoint(app, address.get, async () => ({ publicUrl }))

  registerEndpoint(app, profile.rename, async ({ caller, body, request }) => {
    const user = await own.rename(caller.user, body)
    tellOfAct(request, { name: user.name, nameBefore: caller.user.name })
    return user
  })
  registerEndpoint(
    app,
    profile.password,
    async ({ caller, body, request }) => {
      const ended = await own.changePassword(caller, body)
      tellOfAct(request, {
        signedOut: ended,
        provenBy: body.currentPassword === null ? 'passkey' : 'password',
      })
    },
    guessed,
  )
  registerEndpoint(app, signIns.list, async ({ caller }) => ({ items: await own.places(caller) }))
  registerEndpoint(app, signIns.end, ({ caller, params }) => own.end(caller.user, params.id))
  registerEndpoint(app, signIns.endOthers, async ({ caller, request }) => {
    const ended = await own.endOthers(caller)
    tellOfAct(request, { signedOut: ended })
    return { ended }
  })

  registerEndpoint(app, passwordResets.create, ({ params, caller }) => resets.create(params.id, caller.user))
  registerPublicEndpoint(app, passwordResets.look, ({ body }) => resets.look(body.token), guessed)
  registerPublicEndpoint(
    app,
    passwordResets.accept,
    async ({ body, reply }) => {
      const user = await resets.accept(body.token, body.password, reply)
      limit.remember(reply, user.email)
      return { user, needsSetup: false }
    },
    guessed,
  )
  registerPasskeys(app, parts, limit)
}

function registerPasskeys(
  app: HttpApp,
  { authentication, own, passkeys, commit }: Parts,
  limit: SignInLimit,
): void {
  const guessed = { before: limit.check }
  const { list, begin, rename, remove } = endpoints.passkeys
  registerEndpoint(app, list, async ({ caller }) => ({ items: await passkeys.list(caller.user) }))
  registerEndpoint(
    app,
    begin,
    async ({ caller, body }) => {
      const sessionId = requireBrowser(caller)
      await own.prove(caller, body.currentPassword)
      return passkeys.begin(caller.user, sessionId)
    },
    guessed,
  )
  const add = async (user: User, ...what: [string, NewPasskey]) => {
    const passkey = await passkeys.add(user, ...what)
    const { id, name } = user
    await own.alert(
      id,
      `A passkey was added for ${name}`,
      `It is called “${passkey.name}”. It can be used to sign in as ${name}. If you did not add it, remove it in Settings and change your password.`,
    )
    return passkey
  }
  registerEndpoint(
    app,
    endpoints.passkeys.add,
    async ({ caller, body }) => {
      const checked = await passkeys.check(requireBrowser(caller), body.passkey)
      return commit(() => add(caller.user, body.name, checked))
    },
    { waits: true },
  )
  registerEndpoint(app, rename, ({ caller, params, body }) => passkeys.rename(caller.user, params.id, body))
  registerEndpoint(app, remove, async ({ caller, params, request }) => {
    tellOfAct(request, { removed: await passkeys.remove(caller.user, params.id) })
  })

  const signIn = endpoints.passkeySignIn
  registerPublicEndpoint(
    app,
    signIn.begin,
    ({ request, reply }) => passkeys.beginSignIn(bindBrowser(request, reply, passkeyCookie, challengeTtlMs)),
    { perMinute: beginsPerMinute, before: limit.perClient('begun passkey sign-ins', beginsPerMinute) },
  )
  registerPublicEndpoint(
    app,
    signIn.finish,
    async ({ body, request, reply }) => {
      const boundTo = browserToken(request, passkeyCookie)
      if (boundTo === null) throw new LatchworkError('passkey_refused')
      const userId = await passkeys.signIn(boundTo, body.passkey)
      tellOfAct(request, { method: 'passkey' })
      const session = await commit(async () => ({
        user: await authentication.signInAs(userId, 'passkey', reply),
        needsSetup: false,
      }))
      limit.remember(reply, session.user.email)
      return session
    },
    { ...guessed, waits: true },
  )
}

/** A passkey outlives a token, so a token may not add one. @throws {LatchworkError} `forbidden` */
function requireBrowser(caller: Caller): string {
  if (caller.via === 'session') return caller.session.id
  throw new LatchworkError('forbidden', { message: 'Add a passkey in the browser: an API token cannot.' })
}
