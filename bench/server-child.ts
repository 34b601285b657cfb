import { createApp, readSettings } from '@latchwork/server'
import { newCredential } from './credentials.ts'
import { fill } from './growth-rows.ts'

/**
 * A server without limits on requests. Its first argument is the number of stored credentials: those of the bench of
 * growth with their related rows, or identical ones. It prints its address.
 */
const settings = readSettings({ LATCHWORK_SIGN_IN_TRIES: '100', ...process.env })
const app = await createApp({
  settings,
  logLevel: 'silent',
  requestsPerMinute: 10_000_000,
})
const [size, rows] = process.argv.slice(2)
if (rows === 'growth') await fill(app.stores, Number(size))
else
  for (let number = 1; number <= Number(size); number++)
    await app.stores.credentials.insert(newCredential({ name: `Credential number ${number}` }))
process.stdout.write(`${await app.listen()}\n`)
process.on('SIGTERM', () => app.close().then(() => process.exit(0)))
