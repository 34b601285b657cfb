import { createApp, readSettings } from '@latchwork/server'
import { newCredential } from './credentials.ts'

/** A server without limits on requests, with as many credentials stored as its argument says. Prints its address. */
const settings = readSettings(process.env)
const app = await createApp({
  settings,
  logLevel: 'silent',
  limits: { requestsPerMinute: 10_000_000, signInsPerMinute: 100 },
})
const size = Number(process.argv[2])
for (let number = 1; number <= size; number++) {
  await app.stores.credentials.insert(newCredential({ name: `Credential number ${number}` }))
}
process.stdout.write(`${await app.listen()}\n`)
process.on('SIGTERM', () => app.close().then(() => process.exit(0)))
