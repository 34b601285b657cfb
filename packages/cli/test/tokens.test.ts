import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  return made.stop
})

it('#43 makes an API token without an end, unless the terminal has one itself', async () => {
  const create = ['token', 'create', 'forever', '--days', 'never']
  const shortened = await shell.run(create)
  expect(shortened, shortened.stderr).toMatchObject({ code: 0 })
  expect(shortened.stderr).toMatch(/^Made tok_\w+, valid until .*\nIt ends with the token that this terminal/)

  const { secret } = await product.person.client.tokens.create({
    body: { name: 'a job', expiresInDays: null },
  })
  const env = { LATCHWORK_TOKEN_FILE: shell.secretFile(secret) }
  const made = await shell.run(create, { env })
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lw_\S+\n$/) })
  expect(made.stderr).toMatch(/^Made tok_\w+, valid without an end\.\n$/)
  const { items } = await product.person.client.tokens.list()
  expect(items.filter(({ name }) => name === 'forever').map(({ expiresAt }) => expiresAt)).toContain(null)
  const year = await shell.run(['token', 'create', 'a year', '--days', '365'], { env })
  expect(year.stderr).toMatch(/^Made tok_\w+, valid until [^\n]*\n$/)
  for (const days of ['0', '3651', '1.5', 'Never', '']) {
    const refused = await shell.run(['token', 'create', 'wrong', '--days', days])
    expect(refused, days).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('from 1 to 3650, or never')
  }
})

it('makes an API token, shown once on standard output, and revokes it', async () => {
  const made = await shell.run(['token', 'create', 'a job', '--days', '7'])
  const secret = made.stdout.trim()
  expect(secret).toMatch(/^lw_\S{40,}$/)
  const { items } = await product.person.client.tokens.list()
  const token = items.find(({ name }) => name === 'a job')
  expect(token?.suffix).toBe(secret.slice(-4))
  expect((await shell.run(['token', 'list'])).stdout).not.toContain(secret)
  expect((await shell.run(['token', 'delete', token?.id ?? '', '--yes'])).code).toBe(0)
  expect((await shell.run(['token', 'delete', token?.id ?? '', '--yes'])).code).toBe(4)
})
