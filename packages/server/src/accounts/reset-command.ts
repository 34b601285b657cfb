import { emailSchema, invalidField } from '@latchwork/contract'
import { AuditLog } from '../audit/log.ts'
import { openVault } from '../master-key.ts'
import type { Settings } from '../settings/settings.ts'
import { openStores } from '../stores/open.ts'
import { signingSecret } from './auth.ts'
import { makeResetLink } from './password-resets.ts'

const usage = 'Say whose password: admin reset-password EMAIL'

/**
 * `admin reset-password EMAIL`: prints a link by which the password is chosen anew, for an administrator whom no other
 * one can help. On SQLite the server must not be running; the link works once it runs again.
 * @throws {LatchworkError} `invalid_input`; as at start, `database_locked` among them
 */
export async function resetPasswordCommand(settings: Settings, args: readonly string[]): Promise<void> {
  const [what, address, ...more] = args
  const email = emailSchema.safeParse(address).data
  if (what !== 'reset-password' || email === undefined || more.length > 0) {
    throw invalidField('command', 'usage', usage)
  }
  const stores = await openStores(settings)
  try {
    const vault = await openVault(settings, stores.facts)
    const log = await AuditLog.open({
      store: stores.audit,
      database: stores.database,
      secret: await signingSecret(stores, vault),
      dataDir: settings.dataDir,
    })
    const member = await stores.members.findByEmail(email)
    if (member === null) {
      const administrators = (await stores.members.list()).filter(({ role }) => role === 'admin')
      const known = administrators.map((administrator) => administrator.email).join(', ')
      throw invalidField(
        'email',
        'unknown',
        known === ''
          ? 'Nobody has an account yet: start the server, and open the set-up link that it prints.'
          : `No member has this address. The administrators are: ${known}.`,
      )
    }
    const { publicUrl } = settings
    const made = await stores.database.atomically(async () => {
      await log.record({
        action: 'member.reset_link',
        object: { kind: 'member', id: member.id, name: member.name },
        actor: { kind: 'system', id: null, name: "Somebody on the server's machine", email: null },
      })
      return makeResetLink(stores.passwordResets, { userId: member.id, madeBy: null, publicUrl })
    })
    await log.drain()
    process.stderr.write(
      `${member.name} chooses a new password with this link. It works once, until ${made.expiresAt}.\n`,
    )
    process.stdout.write(`${made.link}\n`)
  } finally {
    await stores.close()
  }
}
