import { emailSchema, invalidField } from '@latchwork/contract'
import { AuditLog } from '../audit/log.ts'
import { logParts } from '../audit/on-server.ts'
import { openAuditStore } from '../audit/store.ts'
import { openMetadataStore } from '../database/metadata.ts'
import { openCurrentDatabase } from '../database/open.ts'
import { makeResetLink } from '../identity/password-resets.ts'
import { openMemberStore } from '../identity/store/members.ts'
import { openPasswordResetStore } from '../identity/store/password-resets.ts'
import { openVault } from '../master-keys/open.ts'
import type { Settings } from '../settings/settings.ts'

const usage = 'Say whose password: admin reset-password EMAIL'

/**
 * `admin reset-password EMAIL`: prints a link to choose a new password, for an administrator whom no other one can
 * help. On SQLite the server must not be running; the link works once it runs again.
 * @throws {LatchworkError} `invalid_input`; as at start, `database_locked` among them
 */
export async function resetPasswordCommand(settings: Settings, args: readonly string[]): Promise<void> {
  const [what, address, ...more] = args
  const email = emailSchema.safeParse(address).data
  if (what !== 'reset-password' || email === undefined || more.length > 0) {
    throw invalidField('command', 'usage', usage)
  }
  const database = await openCurrentDatabase(settings)
  try {
    const metadata = openMetadataStore(database)
    const members = openMemberStore(database)
    const vault = await openVault(settings, metadata)
    const parts = { audit: openAuditStore(database), database, metadata }
    const log = await AuditLog.open(await logParts(parts, vault, settings.dataDir))
    const member = await members.findByEmail(email)
    if (member === null) {
      const administrators = (await members.list()).filter(({ role }) => role === 'admin')
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
    const made = await database.atomically(async () => {
      await log.record({
        action: 'member.reset_link',
        object: { kind: 'member', id: member.id, name: member.name },
        actor: { kind: 'system', id: null, name: "Somebody on the server's machine", email: null },
      })
      return makeResetLink(openPasswordResetStore(database), { userId: member.id, madeBy: null, publicUrl })
    })
    await log.drain()
    process.stderr.write(
      `${member.name} chooses a new password with this link. It works once, until ${made.expiresAt}.\n`,
    )
    process.stdout.write(`${made.link}\n`)
  } finally {
    await database.close()
  }
}
