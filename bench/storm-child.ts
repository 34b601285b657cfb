import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import { connectorMap, createCloseConnector } from '@latchwork/connectors'
import { openStores, openVault, Refresher } from '@latchwork/server'
import { Secret } from '@latchwork/vault'
import { orderSchema, type Report, workerSettingsSchema } from './storm-orders.ts'

/* A process in which many callers ask for a newer token than they have. Argument: its settings as JSON. */
const settings = workerSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''))
const { databaseUrl, dataDir, closeUrl, owner } = settings
const stores = await openStores({ databaseUrl: new Secret(databaseUrl), dataDir })
const quiet = () => undefined
const refresher = new Refresher({
  store: stores.credentials,
  vault: await openVault({ masterKey: null, masterKeyFile: join(dataDir, 'master.key') }, stores.metadata),
  connectors: connectorMap([
    createCloseConnector({ clock: systemClock, apiUrl: closeUrl, appUrl: closeUrl }),
  ]),
  clock: systemClock,
  log: { info: quiet, warn: quiet, error: quiet },
  owner,
  marginMs: 300_000,
  revoker: { revokeTokens: async () => undefined }, // nothing is deleted
})
const report = (outcomes: Report) => process.send?.(outcomes)

process.on('message', async (message) => {
  const { credentialId, generation, callers } = orderSchema.parse(message)
  const call = () =>
    refresher.refresh(credentialId, generation).then(
      (row) => row.generation,
      (error: unknown) => String(error),
    )
  report(await Promise.all(Array.from({ length: callers }, call)))
})
process.on('disconnect', () => process.exit())
report(null)
