import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@hey-api/openapi-ts'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { programOf } from '../members/joining.ts'
import { type Running, startRunning } from '../running.ts'
import { program } from './generated-client.ts'

const run = promisify(execFile)
const leads = 5
let sandbox: Sandbox
let server: Running
let token: string
let text: string
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-generated-'))
  sandbox = await startSandbox({ leads })
  server = await startRunning(sandbox)
  token = (await programOf(server, await server.signedIn())).token
  const headers = { authorization: `Bearer ${token}` }
  text = (await server.browser().fetch(`${server.url}/api/openapi.json`, { headers })).body
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
  rmSync(folder, { recursive: true, force: true })
})

const operationSchema = z.looseObject({
  operationId: z.string(),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
})
const described = () => documentSchema.parse(JSON.parse(text))
const operations = () =>
  Object.entries(described().paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )

describe('the description of the API', () => {
  it('has no fault that a linter finds', async () => {
    const config = await createConfig({
      extends: ['recommended'],
      // The tags are the words of the addresses; a server of one's own may be on localhost.
      rules: { 'tag-description': 'off', 'no-server-example.com': 'off' },
    })
    const problems = await lintFromString({ source: text, config })
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    )
  })

  it('gives each operation a name of its own, and its errors as problems', () => {
    const names = operations().map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { operationId, responses } of operations()) {
      const refused = Object.entries(responses).filter(([status]) => Number(status) >= 400)
      expect(
        refused.map(([status]) => status),
        operationId,
      ).toEqual(expect.arrayContaining(['400', '401', '500']))
      for (const [status, { content }] of refused) {
        expect(Object.keys(content ?? {}), `${operationId} ${status}`).toEqual(['application/problem+json'])
      }
    }
  })

  it('says 201 of what makes something, times as times, and what bytes are', () => {
    const of = (id: string) => operations().find(({ operationId }) => operationId === id)
    const successes = (id: string) => Object.keys(of(id)?.responses ?? {}).filter((status) => status < '300')
    expect(
      ['credentialsCreate', 'flowsRun', 'filesUpload', 'flowsUpdate', 'flowsDelete'].map(successes),
    ).toEqual([['201'], ['201'], ['200', '201'], ['200'], ['204']])
    expect(of('backupCreate')?.responses['200']?.content).toHaveProperty(['application/octet-stream'])
    expect(of('auditExport')?.responses['200']?.content).toHaveProperty(['application/jsonl'])
    expect(of('filesUpload')?.requestBody).toHaveProperty(['content', 'application/octet-stream'])
    const { Credential: credential, CredentialCreate: body } = described().components.schemas
    expect(credential).toMatchObject({ properties: { createdAt: { format: 'date-time' } } })
    // Answers may get more fields; of a body each field has to be known.
    expect(credential).not.toHaveProperty('additionalProperties')
    expect(body).toMatchObject({ additionalProperties: false })
  })

  it('is enough for a generated client to do the main job', { timeout: 180_000 }, async () => {
    await createClient({
      input: JSON.parse(text),
      output: { path: folder, module: { extension: '.ts' } },
      logs: { level: 'silent', file: false },
      plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    })
    const modules = join(import.meta.dirname, '../../../../node_modules')
    symlinkSync(modules, join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'main.ts'), program)
    const options = {
      ...{ target: 'es2024', module: 'nodenext', lib: ['es2024', 'dom', 'dom.iterable'], types: ['node'] },
      ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['main.ts'] }),
    )
    const compiler = join(modules, 'typescript/bin/tsc')
    const checked = await run(process.execPath, [compiler, '-p', folder]).catch((error: unknown) => error)
    expect(checked).toMatchObject({ stdout: '' })
    const { stdout } = await run(process.execPath, [join(folder, 'main.ts')], {
      env: {
        ...process.env,
        URL: server.url,
        TOKEN: token,
        KEY: sandbox.apiKeys[0]?.key,
        NODE_EXTRA_CA_CERTS: join(server.dataDir, 'tls/cert.pem'),
      },
    })
    expect(JSON.parse(stdout)).toEqual({
      made: [201, 201, 201, 201, 200],
      run: { status: 'succeeded', written: leads, role: 'owner' },
      flows: ['Nightly'],
      lines: leads,
      refused: 'flow_not_found',
    })
  })
})
