import { describe, expect, it } from 'vitest'
import { postgresPlace, sqlitePlace } from '../../../tools/test-databases/place.ts'
import { admin, runOnServer, startProduct } from './server.ts'

const password = 'a pass phrase found again'

describe('the only administrator, who lost the password, comes back by a command on the server', () => {
  it.each([
    ['SQLite', sqlitePlace],
    ['PostgreSQL', postgresPlace],
  ])('on %s', { timeout: 180_000 }, async (database, makePlace) => {
    const place = await makePlace()
    try {
      const before = await startProduct(place)
      const command = ['admin', 'reset-password', admin.email.toUpperCase()]
      const whileRunning = await runOnServer(place, command)
      if (database === 'SQLite') {
        expect(whileRunning).toMatchObject({ code: 1, stdout: '' })
        expect(whileRunning.stderr).toContain('(database_locked)')
      } else expect(whileRunning).toMatchObject({ code: 0 })
      await before[Symbol.asyncDispose]()

      for (const args of [['reset-password'], ['reset-password', 'no-address'], ['other', admin.email]]) {
        expect(await runOnServer(place, ['admin', ...args]), args.join(' ')).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('admin reset-password EMAIL'),
        })
      }
      const unknown = await runOnServer(place, ['admin', 'reset-password', 'nobody@hollowoak.example'])
      expect(unknown.stderr).toContain(`The administrators are: ${admin.email}.`)

      const made = await runOnServer(place, command)
      expect(made).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^https:\S+\/reset\?token=[\w-]{43}\n$/),
      })
      expect(made.stderr).not.toContain('token')
      const after = await startProduct(place)
      try {
        const { client } = after.person
        const token = new URL(made.stdout).searchParams.get('token') ?? ''
        expect(await client.passwordResets.look({ body: { token } })).toEqual({
          email: admin.email,
          madeBy: null,
          passkeys: 0,
        })
        const { user } = await client.passwordResets.accept({ body: { token, password } })
        expect(user).toMatchObject({ email: admin.email, role: 'admin' })
        await client.session.signIn({ body: { email: admin.email, password } })
        await expect(client.session.signIn({ body: admin })).rejects.toThrow()
        const { items } = await client.audit.list({ query: { action: 'member.reset_link', limit: 1 } })
        expect(items[0]).toMatchObject({
          actor: { kind: 'system', name: "Somebody on the server's machine" },
          object: { kind: 'member', id: user?.id },
        })
        expect((await client.audit.verify()).intact).toBe(true)
        expect((await client.alerts.list()).items[0]?.message).toContain("somebody on the server's machine")
      } finally {
        await after[Symbol.asyncDispose]()
      }
    } finally {
      await place.remove()
    }
  })
})
