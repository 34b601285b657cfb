import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { Person } from './person.ts'
import { keyOf, type Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
let token: string
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  const values = { apiKey: keyOf(product).key }
  const body = { connector: 'close', method: 'api_key', name: 'Main', values }
  await product.person.client.credentials.create({ body })
  const rights = ['--may', 'lead:read,change', '--confirm-writes']
  token = (await shell.run(['pass', 'create', 'Agent', '--credential', 'Main', ...rights])).stdout.trim()
  return made.stop
})

/** An agent changes the first lead; it is answered once somebody has decided, or after a while. */
function asksToRename(id: string, name: string): void {
  const call = { name: 'update_record', arguments: { object: 'lead', id, fields: { name } } }
  const answer = new Person(product.url, readFileSync(product.certificateFile, 'utf8')).browse(
    `${product.url}/mcp`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call }),
    },
  )
  answer.catch(() => undefined)
}

const firstLead = () => {
  const { control, organizations } = product.sandbox
  const [lead] = control.truth(organizations[0]?.id ?? '', 'lead')
  return { id: String(lead?.['id']), name: String(lead?.['name']) }
}
/** The id of the one write that waits. */
const waiting = async () => {
  const found: { id: string } = { id: '' }
  await expect
    .poll(async () => {
      const { stdout } = await shell.run(['pass', 'writes', 'Agent', '--json'])
      const [write] = JSON.parse(stdout).items
      found.id = write?.id ?? ''
      return found.id
    })
    .toMatch(/^\w+$/)
  return found.id
}

it('lists the writes of a pass that wait, shows what one would change, and sends it', async () => {
  const { id, name } = firstLead()
  expect((await shell.run(['pass', 'writes', 'Agent'])).stderr).toContain('No write waits.')
  asksToRename(id, 'Renamed by an agent')
  const write = await waiting()
  expect((await shell.run(['pass', 'list'])).stdout).toMatch(/^Id +Name +Status +Waiting +May/)
  expect((await shell.run(['pass', 'list'])).stdout).toMatch(/Agent +active +1 /)
  expect((await shell.run(['pass', 'show', 'Agent'])).stdout).toMatch(/^Writes that wait +1$/m)
  const shown = await shell.run(['pass', 'write', 'Agent', write])
  expect(shown, shown.stderr).toMatchObject({ code: 0 })
  expect(shown.stdout).toContain(`PUT /lead/${id}/`)
  expect(shown.stdout).toContain(`${name} -> Renamed by an agent`)
  expect(firstLead().name).toBe(name)
  const sent = await shell.run(['pass', 'confirm', 'Agent', write, '--yes'])
  expect(sent, sent.stderr).toMatchObject({ code: 0, stdout: `${write}: sent.\n` })
  expect(firstLead().name).toBe('Renamed by an agent')
  expect((await shell.run(['pass', 'writes', 'Agent'])).stderr).toContain('No write waits.')
  expect(await shell.json(['pass', 'writes', 'Agent', '--all'])).toMatchObject({
    items: [{ id: write, state: 'sent', decidedBy: { name: expect.any(String) } }],
  })
})

it('refuses one, which is never sent, and says when it was decided already', async () => {
  const { id, name } = firstLead()
  asksToRename(id, 'Never')
  const write = await waiting()
  const refused = await shell.run(['pass', 'refuse', 'Agent', write])
  expect(refused, refused.stderr).toMatchObject({ code: 0, stdout: `Refused ${write}.\n` })
  const late = await shell.run(['pass', 'confirm', 'Agent', write, '--yes'])
  expect(late).toMatchObject({ code: 4, stderr: expect.stringContaining('(write_decided)') })
  expect(firstLead().name).toBe(name)
})
