import { it } from 'vitest'
import { callsOf, noteCalls } from './calls.ts'

it('tries', async () => {
  noteCalls()
  const { startWithClose } = await import('../../../packages/server/test/with-close.ts')
  const { sandbox, person, stop } = await startWithClose({ leads: 5 })
  const calls = await callsOf(() => person.client.credentials.create({ body: { connector: 'close', method: 'api_key', name: 'C', values: { apiKey: sandbox.apiKeys[0]?.key ?? '' } } }))
  await stop()
  const seen = new Set<string>()
  for (const c of calls) {
    const d = (f: string) => f.replace('packages/', '').replace('/src', '').replace(/\/[^/]*$/, '')
    if (c.by !== null && d(c.by.file) === d(c.file)) continue
    const line = `${c.by === null ? '-' : `${c.by.file.replace('packages/','')}:${c.by.name}`} > ${c.file.replace('packages/','')}:${c.name}`
    if (seen.has(line)) continue
    seen.add(line)
    console.log(line)
  }
})
