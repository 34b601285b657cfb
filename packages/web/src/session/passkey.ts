import { ApiError, type Passkey } from '@latchwork/contract'
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser'
import { api } from '../api/client.ts'

/** Signs in with a passkey that the person chooses in the browser's dialog. @throws ApiError, or what the browser met */
export async function signInWithPasskey() {
  const optionsJSON = await api.passkeySignIn.begin()
  const { id, rawId, type, response } = await startAuthentication({ optionsJSON })
  const { clientDataJSON, authenticatorData, signature } = response
  const passkey = { id, rawId, type, response: { clientDataJSON, authenticatorData, signature } }
  return api.passkeySignIn.finish({ body: { passkey } })
}

/** Makes a passkey in the browser's dialog and adds it. @throws ApiError, or what the browser met */
export async function addPasskey(name: string, currentPassword: string | null): Promise<Passkey> {
  const optionsJSON = await api.passkeys.begin({ body: { currentPassword } })
  const { id, rawId, type, response } = await startRegistration({ optionsJSON })
  const { clientDataJSON, attestationObject } = response
  const passkey = { id, rawId, type, response: { clientDataJSON, attestationObject } }
  return api.passkeys.add({ body: { name, passkey } })
}

/** What went wrong in the browser, in a sentence; null where it was the server that refused. */
export function passkeyFault(error: unknown): string | null {
  if (error instanceof ApiError) return null
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') {
    return 'This device or password manager has a passkey of yours already.'
  }
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') {
    return 'No passkey was chosen: the dialog was closed, or it took too long.'
  }
  if (name === 'SecurityError') {
    return 'Passkeys work only where the address of Latchwork is a name, not a number.'
  }
  return 'The browser couldn’t use a passkey. Update it, or try another browser.'
}
