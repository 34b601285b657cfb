import { fingerprintOf, seeCertificate } from './connection.ts'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { canAsk, confirm } from './prompt.ts'

/**
 * Makes sure that the server is trusted: through the authorities that Node trusts, the certificate that was trusted
 * before, or, at first use, a certificate whose fingerprint a person has compared. Verification is never skipped.
 * @returns the certificate to trust from now on; null for the authorities that Node trusts
 * @throws {CommandError} `untrusted`
 * @throws {ConnectionError}
 */
export async function establishTrust(
  context: Context,
  url: string,
  fingerprint: string | undefined,
): Promise<string | null> {
  const { certificate: stored } = await context.serverConfig(url)
  if (fingerprint === undefined && (await isTrusted(context, url, stored))) return stored
  const seen = await seeCertificate(url)
  if (fingerprint === undefined) await compareByPerson(context, url, seen.fingerprint, stored)
  else if (normal(fingerprint) !== normal(seen.fingerprint)) {
    throw new CommandError(
      'untrusted',
      `The server's certificate has another fingerprint: ${seen.fingerprint}`,
    )
  }
  // The host name is still compared: a certificate of another machine is refused here.
  if (await isTrusted(context, url, seen.pem)) return seen.pem
  throw new CommandError('untrusted', "The server's certificate changed while it was looked at. Try again.")
}

async function isTrusted(context: Context, url: string, certificate: string | null): Promise<boolean> {
  const failure = await context.probe(url, certificate)
  if (failure === null) return true
  if (failure.untrusted) return false
  throw failure
}

async function compareByPerson(
  context: Context,
  url: string,
  fingerprint: string,
  stored: string | null,
): Promise<void> {
  const { io, terminal } = context
  terminal.note(
    stored === null
      ? `No authority that this machine trusts vouches for ${url}.`
      : `${url} shows another certificate than before. Unless it was renewed, somebody may be in between.`,
  )
  if (stored !== null) terminal.note(`Before:  ${fingerprintOf(stored)}`)
  terminal.note(`SHA-256: ${fingerprint}`)
  terminal.note(
    'Compare it on the server: openssl x509 -noout -fingerprint -sha256 -in DATA_FOLDER/tls/cert.pem',
  )
  if (!canAsk(io)) {
    throw new CommandError(
      'untrusted',
      'To trust it without being asked: --fingerprint SHA256, or --ca FILE.',
    )
  }
  if (!(await confirm(io, 'Is it the same, and do you trust it?'))) {
    throw new CommandError('untrusted', 'Nothing was sent to the server.')
  }
}

function normal(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase()
}
