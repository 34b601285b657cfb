import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@latchwork/contract'
import { type OpenStores, openStores, openVault } from '@latchwork/server'
import { Secret, type Vault } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { z } from 'zod'
import { startPostgres } from '../tools/postgres.ts'
import type { Bench, Measured } from './bench.ts'
import { newCredential } from './credentials.ts'
import { type Order, reportSchema, type WorkerSettings } from './storm-orders.ts'

const processes = 4
const callersOfProcess = 50

/**
 * 200 callers in 4 processes ask at once for a newer token, again and again. Counts the token requests that Close gets
 * for each newer token, and whether every caller got it.
 */
export const measureStorm: Bench = async (say, { full }) => {
  const rotations = full ? 1_000 : 100
  const postgres = await startPostgres()
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  const sandbox = await startSandbox({ leads: 1, refreshReuse: { mode: 'revoke_family' } })
  const children: ChildProcess[] = []
  try {
    const stores = await openStores({ databaseUrl: new Secret(postgres.url), dataDir })
    const vault = await openVault(
      { masterKey: null, masterKeyFile: join(dataDir, 'master.key') },
      stores.metadata,
    )
    const id = await authorize(sandbox, stores, vault)
    await stores.close()
    for (let number = 1; number <= processes; number++) {
      const settings = {
        databaseUrl: postgres.url,
        dataDir,
        closeUrl: sandbox.apiUrl,
        owner: `storm-${number}`,
      }
      children.push(await startChild(settings))
    }
    return await rage(sandbox, children, id, rotations, say)
  } finally {
    for (const child of children) if (child.exitCode === null && child.kill()) await once(child, 'exit')
    await sandbox.close()
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function rage(
  sandbox: Sandbox,
  children: readonly ChildProcess[],
  credentialId: string,
  rotations: number,
  say: (line: string) => void,
): Promise<Measured> {
  const requests = () =>
    sandbox.control.requests().filter((sent) => sent.grantType === 'refresh_token').length
  let sent = 0
  let failedCallers = 0
  const odd: number[] = []
  const startedAt = performance.now()
  for (let generation = 0; generation < rotations; generation++) {
    const order = { credentialId, generation, callers: callersOfProcess }
    const outcomes = (await Promise.all(children.map((child) => give(child, order)))).flat()
    failedCallers += outcomes.filter((outcome) => outcome !== generation + 1).length
    const count = requests()
    sandbox.control.clearRequests()
    sent += count
    if (count !== 1) odd.push(count)
    if ((generation + 1) % 50 === 0) say(`${generation + 1} of ${rotations} rotations`)
  }
  const seconds = (performance.now() - startedAt) / 1000
  return {
    lines: [
      `A storm: ${processes * callersOfProcess} callers in ${processes} processes, ${rotations} rotations`,
      '| token requests | for each rotation | callers without the new token | rotations per second |',
      '| --- | --- | --- | --- |',
      `| ${sent} | ${odd.length === 0 ? 'exactly 1' : `not 1 in ${odd.length}`} | ${failedCallers} of ${rotations * processes * callersOfProcess} | ${(rotations / seconds).toFixed(1)} |`,
    ],
    faults: [
      ...(odd.length === 0 ? [] : [`${odd.length} rotations had ${odd.join(', ')} token requests`]),
      ...(failedCallers === 0 ? [] : [`${failedCallers} callers got no new token`]),
    ],
  }
}

async function startChild(settings: WorkerSettings): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'storm-child.ts'), [JSON.stringify(settings)])
  await answer(child)
  return child
}

async function give(child: ChildProcess, order: Order): Promise<readonly (number | string)[]> {
  const answered = answer(child)
  child.send(order)
  return answered
}

function answer(child: ChildProcess): Promise<readonly (number | string)[]> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process of the storm ended'))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(reportSchema.parse(message) ?? [])
    })
  })
}

const pairSchema = z.object({ access_token: z.string(), refresh_token: z.string() })

/** A stored credential with a valid grant. */
async function authorize(sandbox: Sandbox, stores: OpenStores, vault: Vault): Promise<string> {
  const [app] = sandbox.oauthApps
  if (app === undefined) throw new Error('the sandbox has no app')
  const { clientId, clientSecret } = app
  const answer = await fetch(`${sandbox.apiUrl}/oauth2/token/`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      code: sandbox.control.authorize({ clientId }),
    }),
  })
  const pair = pairSchema.parse(await answer.json())
  const secrets = {
    clientSecret: new Secret(clientSecret),
    accessToken: new Secret(pair.access_token),
    refreshToken: new Secret(pair.refresh_token),
  }
  const id = newId('credential')
  const sealed = await vault.seal({ table: 'credentials', rowId: id, version: 1 }, secrets)
  const accessTokenExpiresAt = Date.now() + 3_600_000
  const row = { id, method: 'oauth2', name: 'Storm', values: { clientId }, sealed, accessTokenExpiresAt }
  await stores.credentials.insert(newCredential(row))
  return id
}
