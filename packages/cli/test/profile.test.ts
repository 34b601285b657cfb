import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Shell } from './command.ts'
import { admin, type Product, startProduct } from './server.ts'
import { signIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  product = await startProduct()
  shell = await terminal()
})
afterAll(async () => {
  shell?.[Symbol.dispose]()
  await product?.[Symbol.asyncDispose]()
})

/** A terminal that was signed in by its code. */
async function terminal(): Promise<Shell> {
  const made = new Shell()
  expect(await signIn(made, product)).toMatchObject({ code: 0 })
  return made
}

it('changes the name', async () => {
  expect((await shell.run(['profile', 'name', 'Wren Example'])).stdout).toBe(
    'Your name is Wren Example now.\n',
  )
  expect(await shell.json(['profile', 'name', 'Wren Sample'])).toMatchObject({ name: 'Wren Sample' })
  expect((await shell.run(['whoami'])).stdout).toContain('Wren Sample')
  expect(await shell.run(['profile', 'name', ' '])).toMatchObject({ code: 4 })
})

it('lists where one is signed in, and ends one or all others', async () => {
  using other = await terminal()
  const listed = await shell.json(['profile', 'sessions'])
  expect(listed).toMatchObject({ items: expect.any(Array) })
  const { stdout } = await shell.run(['profile', 'sessions'])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => line.startsWith('tok_'))).toHaveLength(2)
  expect(lines.filter((line) => line.includes('(this one)'))).toHaveLength(1)
  expect(stdout).not.toContain('lw_')
  const id = lines.find((line) => line.startsWith('tok_') && !line.includes('this one'))?.split(' ')[0] ?? ''
  for (const args of [['end'], ['end', id, '--others', '--yes'], ['end', id]]) {
    expect(await shell.run(['profile', ...args]), args.join(' ')).toMatchObject({ code: 2 })
  }
  expect((await shell.run(['profile', 'end', id, '--yes'])).stdout).toBe(`Signed ${id} out.\n`)
  expect(await other.run(['profile', 'sessions'])).toMatchObject({ code: 3 })
  const gone = await shell.run(['profile', 'end', id, '--yes'])
  expect(gone).toMatchObject({ code: 4 })
  expect(gone.stderr).toContain('(sign_in_not_found)')
  expect(await shell.json(['profile', 'end', '--others', '--yes'])).toEqual({ ended: 1 })
  expect((await product.person.client.session.get()).user).toBeNull()
  expect(await shell.json(['profile', 'end', '--others', '--yes'])).toEqual({ ended: 0 })
})

it('changes the password, which is no argument and is not shown', async () => {
  const file = (name: string, content: string) => {
    const path = join(shell.home, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const [current, next] = [
    file('current', `${admin.password}\n`),
    file('next', 'a pass phrase of the terminal\n'),
  ]
  const needed = await shell.run(['profile', 'password', '--new-file', next])
  expect(needed).toMatchObject({ code: 2 })
  expect(needed.stderr).toContain('--current-file FILE')
  const change = (from: string, to: string) =>
    shell.run(['profile', 'password', '--current-file', from, '--new-file', to])
  const wrong = await change(next, current)
  expect(wrong).toMatchObject({ code: 4 })
  expect(wrong.stderr).toContain('(password_wrong)')
  expect(await change(current, next)).toMatchObject({ code: 0 })
  expect(shell.seen.join('')).not.toContain('a pass phrase of the terminal')
  const enter = (password: string) =>
    product.person.client.session.signIn({ body: { email: admin.email, password } })
  await expect(enter(admin.password)).rejects.toThrow()
  await enter('a pass phrase of the terminal')
})

it('makes a link by which a member chooses a new password', async () => {
  const { stdout } = await shell.run(['member', 'reset-password', admin.email])
  expect(stdout).toMatch(new RegExp(`^${product.url}/reset\\?token=[\\w-]{43}\\n$`))
  const token = new URL(stdout).searchParams.get('token') ?? ''
  const body = { token, password: 'a pass phrase by the link' }
  const { user } = await product.person.client.passwordResets.accept({ body })
  expect(user?.email).toBe(admin.email)
  // The terminal was signed out with everything else.
  expect(await shell.run(['whoami'])).toMatchObject({ code: 3 })
})

it('shows passkeys, of which a terminal can make none', async () => {
  using again = await terminal()
  expect((await again.run(['profile', 'passkeys'])).stderr).toContain('You have no passkeys.')
  const missing = await again.run(['profile', 'remove-passkey', `pky_${'0'.repeat(22)}`, '--yes'])
  expect(missing).toMatchObject({ code: 4 })
  expect(missing.stderr).toContain('(passkey_not_found)')
})
