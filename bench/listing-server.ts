import { newId } from '@latchwork/contract'
import { createApp, readSettings } from '@latchwork/server'

/** A server without limits on requests, with as many credentials stored as its argument says. Prints its address. */
const settings = readSettings(process.env)
const app = await createApp({
  settings,
  logLevel: 'silent',
  limits: { requestsPerMinute: 10_000_000, signInsPerMinute: 100 },
})
const size = Number(process.argv[2])
for (let number = 1; number <= size; number++) {
  await app.stores.credentials.insert({
    id: newId('credential'),
    connector: 'close',
    method: 'api_key',
    ownerId: 'usr_bench',
    name: `Credential number ${number}`,
    description: 'Made for the bench',
    tags: ['bench'],
    status: 'verified',
    reasonCode: null,
    reasonMessage: null,
    statusAt: new Date().toISOString(),
    identity: null,
    values: {},
    // Listing opens no secret.
    sealed: { wrappedKey: '', fields: {} },
    secretVersion: 1,
    grantedScope: null,
    accessTokenExpiresAt: null,
    draftExpiresAt: null,
  })
}
process.stdout.write(`${await app.listen()}\n`)
process.on('SIGTERM', () => app.close().then(() => process.exit(0)))
