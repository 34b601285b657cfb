import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { Secret } from '@latchwork/vault'
import { openCurrentDatabase } from '../../packages/server/src/database/open.ts'
import { onServer, postgresServer } from '../test-databases/server.ts'
import { setTemplateOfRun, templateNamed } from '../test-databases/template.ts'

/** Makes the template of this process and of those that it starts. @returns its end */
export async function makeTemplate(): Promise<() => Promise<void>> {
  const name = `latchwork_template_${randomBytes(6).toString('hex')}`
  const { folder, postgresDatabase } = templateNamed(name)
  mkdirSync(folder, { mode: 0o700 })
  await onServer(`create database ${postgresDatabase}`)
  const url = Object.assign(postgresServer(), { pathname: `/${postgresDatabase}` })
  for (const databaseUrl of [null, new Secret(url.href)]) {
    const made = await openCurrentDatabase({ databaseUrl, dataDir: folder })
    await made.close()
  }
  setTemplateOfRun(name)
  return async () => {
    setTemplateOfRun(null)
    await onServer(`drop database ${postgresDatabase} with (force)`)
    rmSync(folder, { recursive: true, force: true })
  }
}
