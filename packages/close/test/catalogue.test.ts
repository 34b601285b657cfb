import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endpoints, enumerations } from '@latchwork/close'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tool = 'tools/generate-close-catalogue.ts'
const generated = 'packages/close/src/generated/catalogue.ts'
const run = (folder: string): Promise<unknown> =>
  promisify(execFile)(process.execPath, [join(folder, tool), '--check'])

describe('the endpoint catalogue', () => {
  it('is what the generator wrote', async () => {
    await expect(run(root)).resolves.toBeDefined()
  })

  it('fails its check once a fact is edited by hand', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catalogue-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    for (const file of [tool, generated]) {
      await mkdir(join(folder, file, '..'), { recursive: true })
      await copyFile(join(root, file), join(folder, file))
    }
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await expect(run(folder)).resolves.toBeDefined()
    const text = await readFile(join(folder, generated), 'utf8')
    await writeFile(join(folder, generated), text.replace("'/lead/merge/'", "'/lead/marge/'"))
    await expect(run(folder)).rejects.toMatchObject({ code: 1 })
  })

  it('holds paths that a request accepts, and known facts', () => {
    expect(Object.keys(endpoints).length).toBeGreaterThan(150)
    for (const path of Object.keys(endpoints)) expect(path).toMatch(/^\/([a-z_]+\/|\{[a-z_]+\}\/)+$/)
    expect(endpoints['/pipeline/'].POST.success).toBe(201)
    expect(endpoints['/lead/'].GET.query).toEqual(['_limit', '_skip', '_fields'])
    expect(enumerations.OpportunityValuePeriod).toEqual(['one_time', 'monthly', 'annual'])
  })
})
