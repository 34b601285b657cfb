import { readFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Browser } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'

let running: Running
let browser: Browser
beforeAll(async () => {
  running = await startRunning(null)
  browser = await running.signedIn()
})
afterAll(() => running.stop())

const changing = { 'x-latchwork': '1', 'content-type': 'text/csv' }
const put = (name: string, body: string, headers: Record<string, string> = changing): Promise<Answer> =>
  browser.fetch(`${running.url}/api/files/${name}`, { method: 'PUT', headers, body })
const get = (name: string): Promise<Answer> => browser.fetch(`${running.url}/api/files/${name}`)
const folder = () => join(running.dataDir, 'files')

describe('files', () => {
  it('are uploaded, listed and fetched as they are', async () => {
    const answer = await put('Umsätze (2026).csv'.replace('ä', '%C3%A4').replaceAll(' ', '%20'), 'a,b\n1,2\n')
    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toMatchObject({ name: 'Umsätze (2026).csv', bytes: 8 })
    const { items } = await browser.client.files.list()
    expect(items).toMatchObject([{ name: 'Umsätze (2026).csv', bytes: 8 }])
    const fetched = await get('Ums%C3%A4tze%20(2026).csv')
    expect(fetched.body).toBe('a,b\n1,2\n')
    expect(fetched.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-disposition': expect.stringMatching(
        /^attachment; filename="Ums_tze \(2026\)\.csv"; filename\*=UTF-8''Ums%C3%A4tze/,
      ),
    })
  })

  it('are listed page by page', async () => {
    for (const name of ['page-b.csv', 'page-a.csv', 'page-c.csv']) await put(name, 'x')
    const names: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await browser.client.files.list({ query: { limit: 2, cursor } })
      expect(page.items.length).toBeLessThanOrEqual(2)
      names.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor
    }
    expect(names.filter((name) => name.startsWith('page-'))).toEqual([
      ...['page-a.csv', 'page-b.csv', 'page-c.csv'],
    ])
    const { items, total } = await browser.client.files.list()
    expect(items.map(({ name }) => name)).toEqual(names)
    expect(total).toBe(names.length)
  })

  it('replace what was there only when they are whole', async () => {
    const begun = async () => (await readdir(folder())).filter((name) => name.startsWith('.'))
    await put('whole.csv', 'old')
    const broken = new Promise((resolve) => {
      const url = new URL(`${running.url}/api/files/whole.csv`)
      const upload = request(url, {
        method: 'PUT',
        ca: readFileSync(join(running.dataDir, 'tls/cert.pem')),
        servername: 'localhost',
        headers: { ...changing, cookie: cookies(), 'content-length': '1000000' },
      })
      upload.on('error', resolve)
      upload.write('x'.repeat(1000))
      expect
        .poll(begun)
        .not.toEqual([])
        .finally(() => upload.destroy())
    })
    await broken
    await expect.poll(begun).toEqual([])
    expect((await get('whole.csv')).body).toBe('old')
    await put('whole.csv', 'new')
    expect((await get('whole.csv')).body).toBe('new')
    await put('empty.csv', '')
    expect((await get('empty.csv')).body).toBe('')
  })

  it.each(['..%2f..%2fsecret', '.hidden', '%2e%2e', 'a%00b', 'x.', 'a%5cb', `${'x'.repeat(250)}`])(
    'refuse the name %s',
    async (name) => {
      for (const answer of [await put(name, 'x'), await get(name)]) {
        expect([400, 404]).toContain(answer.status)
        expect(['invalid_input', 'not_found']).toContain(JSON.parse(answer.body).code)
      }
    },
  )

  it('show nothing hidden, and nothing but files', async () => {
    await writeFile(join(folder(), '.a.jsonl.run_x.part'), 'part')
    const { items } = await browser.client.files.list()
    expect(items.some((item) => item.name.includes('part'))).toBe(false)
    expect((await get('.a.jsonl.run_x.part')).status).toBe(400)
    expect((await get('nothing.csv')).status).toBe(404)
  })

  it('are refused when they are too large', async () => {
    const answer = await put('huge.csv', '', {
      ...changing,
      'content-length': String(600 * 1024 * 1024),
    }).catch(() => null)
    expect(answer === null || answer.status === 413).toBe(true)
    await expect(readFile(join(folder(), 'huge.csv'))).rejects.toThrow()
  })

  it('are for those who are signed in, and not for other sites', async () => {
    const stranger = running.browser()
    const url = `${running.url}/api/files/whole.csv`
    expect((await stranger.fetch(url)).status).toBe(401)
    expect((await stranger.fetch(url, { method: 'PUT', headers: changing, body: 'x' })).status).toBe(401)
    expect((await put('whole.csv', 'x', { 'content-type': 'text/csv' })).status).toBe(403)
    expect((await get('whole.csv')).body).toBe('new')
  })
})

function cookies(): string {
  return [...browser.cookies.values()]
    .flatMap((jar) => [...jar].map(([name, value]) => `${name}=${value}`))
    .join('; ')
}
