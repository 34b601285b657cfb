import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { Secret } from '@latchwork/vault'
import { openCurrentDatabase } from '../../packages/server/src/database/open.ts'
import { openJobs } from '../../packages/server/src/jobs/open.ts'
import { onServer, postgresServer } from '../test-databases/server.ts'
import { setTemplateOfRun, templateNamed } from '../test-databases/template.ts'

/** Makes the template for this process and for those that it starts. @returns a function that removes it */
export async function makeTemplate(): Promise<() => Promise<void>> {
  const name = `latchwork_template_${randomBytes(6).toString('hex')}`
  const { folder, postgresDatabase } = templateNamed(name)
  mkdirSync(folder, { mode: 0o700 })
  await onServer(`create database ${postgresDatabase}`)
  const url = Object.assign(postgresServer(), { pathname: `/${postgresDatabase}` })
  for (const databaseUrl of [null, new Secret(url.href)]) {
    const database = await openCurrentDatabase({ databaseUrl, dataDir: folder })
    // On PostgreSQL the queue has its own schema, which takes longer to make than ours.
    const jobs = await openJobs(database, databaseUrl, { onError: (error) => console.error(error) })
    await jobs.stop(0)
    await database.close()
  }
  setTemplateOfRun(name)
  return async () => {
    setTemplateOfRun(null)
    await onServer(`drop database ${postgresDatabase} with (force)`)
    rmSync(folder, { recursive: true, force: true })
  }
}
