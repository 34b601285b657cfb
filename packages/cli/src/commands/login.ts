import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client, type DeviceCodes } from '@latchwork/contract'
import type { Command } from 'commander'
import { z } from 'zod'
import { readCertificate } from '../certificate-file.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { clean } from '../terminal.ts'
import { establishTrust } from '../trust.ts'

const loginOptions = z.object({ ca: z.string().optional(), fingerprint: z.string().optional() })

export function addSignInCommands(program: Command, context: Context): void {
  const { terminal } = context
  program
    .command('login')
    .summary('sign in')
    .description(
      'Signs this terminal in: prints a link and a short code, which you confirm in a browser where you are signed in. ' +
        'Nothing secret is typed or pasted. The API token is kept in the configuration file, which only you may read.',
    )
    .argument('[server]', 'address of the server, for example https://latchwork.example')
    .option('--ca <file>', 'trust certificates that this authority (PEM) has issued')
    .option('--fingerprint <sha256>', 'trust the server whose certificate has this SHA-256 fingerprint')
    .action(async (server: string | undefined, options: unknown) => {
      const { ca, fingerprint } = loginOptions.parse(options)
      const url = await context.serverUrl(server)
      const certificate = await chooseTrust(context, url, ca, fingerprint)
      const client = context.clientOf(url, { certificate, token: null })
      const codes = await client.devices.begin({ body: { deviceName: context.io.hostName } })
      terminal.note('Open this page in a browser and confirm the code:\n')
      terminal.note(`  ${terminal.paintNote('cyan', clean(codes.verificationUrlComplete))}`)
      terminal.note(`  ${terminal.paintNote('bold', clean(codes.userCode))}\n`)
      terminal.note(`Waiting for up to ${Math.round(codes.expiresInSeconds / 60)} minutes…`)
      const { user, token, secret } = await waitForGrant(context, client, codes)
      await context.keep(url, { certificate, token: secret, tokenId: token.id }, true)
      context.show({ server: url, user, token }, () => {
        terminal.print(`Signed in to ${url} as ${clean(user.name)} (${clean(user.email)}).`)
      })
    })

  program
    .command('logout')
    .summary('sign out')
    .description('Revokes the API token of this terminal and forgets it. The trusted certificate is kept.')
    .action(async () => {
      const url = await context.serverUrl()
      const { certificate, token, tokenId } = await context.serverConfig(url)
      if (token === null) throw new CommandError('notSignedIn', `You are not signed in to ${url}.`)
      if (tokenId !== null) {
        const revoke = context
          .clientOf(url, { certificate, token })
          .tokens.delete({ params: { id: tokenId } })
        await revoke.catch((error: unknown) => {
          // The token is gone already, so there is nothing to revoke.
          if (!(error instanceof ApiError) || ![401, 404].includes(error.problem.status)) throw error
        })
      }
      await context.keep(url, { token: null, tokenId: null })
      context.show({ server: url }, () => terminal.print(`Signed out of ${url}.`))
    })

  program
    .command('whoami')
    .summary('who is signed in')
    .description('Shows the server and the account that commands work with.')
    .action(async () => {
      const server = await context.serverUrl()
      const { user } = await (await context.client()).session.get()
      if (user === null) throw new CommandError('notSignedIn', `You are not signed in to ${server}.`)
      context.show({ server, user }, () =>
        context.showDetails([
          ['Server', server],
          ['Name', user.name],
          ['Email', user.email],
          ['Role', user.role],
        ]),
      )
    })
}

/** The certificate to trust; null for the authorities that Node trusts. */
async function chooseTrust(
  context: Context,
  url: string,
  ca: string | undefined,
  fingerprint: string | undefined,
): Promise<string | null> {
  if (ca === undefined) return establishTrust(context, url, fingerprint)
  const pem = await readCertificate(ca)
  const failure = await context.probe(url, pem)
  if (failure !== null) throw failure
  return pem
}

/** Polls as often as the server allows. @see RFC 8628 section 3.5 */
async function waitForGrant(context: Context, client: Client, codes: DeviceCodes) {
  let intervalSeconds = codes.intervalSeconds
  for (;;) {
    await sleep(intervalSeconds * 1000, undefined, { signal: context.io.signal })
    try {
      return await client.devices.poll({ body: { deviceCode: codes.deviceCode } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.code === 'slow_down') intervalSeconds += 5
      // A restart of the server, or a short loss of the network, does not end the sign-in.
      else if (error.code === 'unreachable') intervalSeconds *= 2
      else if (error.code !== 'authorization_pending') throw error
      if (intervalSeconds > codes.expiresInSeconds) throw error
    }
  }
}
