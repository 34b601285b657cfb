/*
 * A server in a process of its own, to be killed. Argument: what differs from test to test, as JSON.
 * Prints its address when it listens.
 */
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import { z } from 'zod'
import { createApp } from '../../src/app/app.ts'

const { dataDir, databaseUrl, closeUrl, email, password } = z
  .object({
    dataDir: z.string(),
    databaseUrl: z.string().nullable(),
    closeUrl: z.string(),
    email: z.string(),
    password: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const app = await createApp({
  settings: {
    databaseUrl: databaseUrl === null ? null : new Secret(databaseUrl),
    dataDir,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'https://localhost:8443',
    tls: null,
    masterKey: null,
    kms: null,
    masterKeyFile: join(dataDir, 'master.key'),
    closeApiUrl: closeUrl,
    closeAppUrl: closeUrl,
    admin: { email, password: new Secret(password) },
    alerts: { email: null, webhook: null },
    signInTries: 1000,
    checkEveryMs: 6 * 3_600_000,
    keep: {
      samplesMs: 90 * 86_400_000,
      quarantineMs: 90 * 86_400_000,
      runsMs: 90 * 86_400_000,
      callsMs: 30 * 86_400_000,
    },
  },
  requestsPerMinute: 100_000,
  logStream: { write: () => undefined },
  closeListLagMs: 1500,
  waits: { longestPauseMs: 2_000 },
  // One kill may be the end of many runs.
  shares: { runs: 8 },
})
process.stdout.write(`${await app.listen()}\n`)
