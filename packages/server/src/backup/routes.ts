import type { Clock } from '@latchwork/connectors'
import { type BackupRequest, streams } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { tellOfAct } from '../audit/recording.ts'
import type { DatabaseSettings } from '../database/open.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { openBackup } from './backup.ts'
import type { Locks } from './encryption.ts'

/**
 * `POST /api/backup` answers an encrypted file. The server encrypts it: reading it needs the file's key, and reading
 * its secrets also the master key.
 */
export function registerBackup(app: HttpApp, settings: DatabaseSettings, clock: Clock): void {
  registerEndpoint(
    app,
    streams.backup.create,
    async ({ body, request, reply }) => {
      const { bytes } = await openBackup(settings, locksOf(body), new Date(clock.now()))
      bytes.once('error', (err) => request.log.error({ err }, 'a backup broke off'))
      const { recipients } = body
      tellOfAct(request, recipients === undefined ? { encryptedWith: 'a passphrase' } : { recipients })
      reply.header('content-disposition', 'attachment; filename="latchwork.age"')
      return bytes
    },
    { waits: true },
  )
}

function locksOf({ recipients = [], passphrase }: BackupRequest): Locks {
  return passphrase === undefined ? { recipients } : { passphrase: new Secret(passphrase) }
}
