import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { parseArgs } from 'node:util'

/*
 * The loop that most people write first: one request after the other by `_skip`, each page's records as JSON lines. It
 * runs in its own process, so that it shares no event loop with the sandbox. It prints how much it read, and how
 * long that took.
 */
const { values } = parseArgs({
  options: { api: { type: 'string' }, file: { type: 'string' }, limit: { type: 'string', default: '200' } },
})
const { api, file } = values
const key = process.env['CLOSE_API_KEY']
if (api === undefined || file === undefined || key === undefined)
  throw new Error('needs --api, --file and CLOSE_API_KEY')

interface Page {
  readonly data: readonly unknown[]
  readonly has_more: boolean
}

const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
const output = createWriteStream(file)
const startedAt = performance.now()
const cpuBefore = process.cpuUsage()
let records = 0
for (let more = true; more; ) {
  const answer = await fetch(`${api}/api/v1/lead/?_skip=${records}&_limit=${values.limit}`, {
    headers: { authorization },
  })
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  const page = (await answer.json()) as Page // the sandbox's shape; with a wrong one the comparison of counts fails
  for (const record of page.data)
    if (!output.write(`${JSON.stringify(record)}\n`)) await once(output, 'drain')
  records += page.data.length
  more = page.has_more
}
output.end()
await once(output, 'finish')
const { user, system } = process.cpuUsage(cpuBefore)
const seconds = (performance.now() - startedAt) / 1000
process.stdout.write(JSON.stringify({ records, seconds, cpuSeconds: (user + system) / 1_000_000 }))
