import type { Clock } from '@latchwork/connectors'
import { type BackupRequest, backupPath, backupRequestSchema } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { tellOfAct } from '../audit/recording.ts'
import { checkAccess } from '../http/caller.ts'
import type { HttpApp } from '../http/endpoint.ts'
import { parseInput } from '../http/input.ts'
import type { StoreSettings } from '../stores/open.ts'
import { openBackup } from './backup.ts'
import type { Locks } from './encryption.ts'

/**
 * `POST /api/backup` answers an encrypted file, which is no JSON and so has a route of its own. Encryption happens here:
 * what leaves the server is of use only to who has the key of the file, and the master key besides.
 */
export function registerBackup(app: HttpApp, settings: StoreSettings, clock: Clock): void {
  app.post(backupPath, {
    config: { audit: 'backup.create', access: 'admin' },
    schema: {
      summary: 'A backup of the whole database, encrypted in the age format; the master key is not in it',
      tags: ['backup'],
      body: backupRequestSchema,
    },
    onRequest: async (request) => checkAccess('admin', request.caller),
    handler: async (request, reply) => {
      const wanted = parseInput(backupRequestSchema, request.body)
      const { bytes } = await openBackup(settings, locksOf(wanted), new Date(clock.now()))
      bytes.once('error', (err) => request.log.error({ err }, 'a backup broke off'))
      const { recipients } = wanted
      tellOfAct(request, recipients === undefined ? { encryptedWith: 'a passphrase' } : { recipients })
      return reply
        .type('application/octet-stream')
        .header('content-disposition', 'attachment; filename="latchwork.age"')
        .send(bytes)
    },
  })
}

function locksOf({ recipients = [], passphrase }: BackupRequest): Locks {
  return passphrase === undefined ? { recipients } : { passphrase: new Secret(passphrase) }
}
