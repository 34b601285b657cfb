import { endpoints } from '@latchwork/close'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 3 })
})
afterAll(() => sandbox.close())

const operations = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ path, method })),
)

async function answerTo(method: string, path: string): Promise<{ status: number; text: string }> {
  const named = path.replace('{object_type}', 'lead').replace(/\{[^}]+\}/g, 'none_1')
  const authorization = `Basic ${btoa(`${sandbox.apiKeys[0]?.key}:`)}`
  const response = await fetch(`${sandbox.apiUrl}/api/v1${named}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: '{}' }),
  })
  return { status: response.status, text: await response.text() }
}

it('the sandbox serves what Close documents, or says that it does not', async () => {
  const wrong: string[] = []
  let served = 0
  for (const { method, path } of operations) {
    const { status, text } = await answerTo(method, path)
    const isUnknown = status === 405 || (status === 404 && text.includes('URL'))
    const saysSo = text.includes('"sandbox_not_served"')
    if (isUnknown || status >= 500 !== saysSo) wrong.push(`${method} ${path}: ${status}`)
    if (!saysSo) served += 1
  }
  expect(wrong).toEqual([])
  expect(operations.length).toBeGreaterThan(250)
  expect(served).toBeGreaterThan(150)
})
