import type { CredentialListQuery } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { fold } from '../../src/database/folding.ts'
import { drawn } from '../drawn.ts'
import { fromNow, identitySample, listQuery, newCredential } from './samples.ts'
import type { GetSubject } from './subject.ts'

const sorts: readonly CredentialListQuery['sort'][] = ['name', '-updatedAt', '-lastUsedAt']

export function describeCredentialLists(getSubject: GetSubject): void {
  describe('lists of credentials', () => {
    const list = (changes: Partial<CredentialListQuery>) =>
      getSubject().stores.credentials.list(listQuery(changes))
    const insert = (changes: Parameters<typeof newCredential>[0]) =>
      getSubject().stores.credentials.insert(newCredential(changes))
    const namesFor = async (query: string) =>
      (await list({ query, connector: 'search' })).items.map((row) => row.name)

    it('find words in name, description, account and tags, whatever the case', async () => {
      const connector = 'search'
      await insert({ connector, name: 'Ünïted Straße', description: 'for the WAREHOUSE' })
      await insert({ connector, name: 'Plain', tags: ['Büro', 'nightly'], identity: identitySample })
      await insert({ connector, name: '100%_real\\path', status: 'unverified', method: 'oauth2' })
      await insert({ connector, name: 'Draft', status: 'draft', draftExpiresAt: fromNow(60_000) })
      expect(await namesFor('')).toEqual(['100%_real\\path', 'Plain', 'Ünïted Straße'])
      expect(await namesFor('üNÏTED strasse')).toEqual(['Ünïted Straße'])
      expect(await namesFor('united')).toEqual(['Ünïted Straße'])
      expect(await namesFor('BURO')).toEqual(['Plain'])
      expect(await namesFor('nit')).toEqual(['Ünïted Straße'])
      expect(await namesFor('ra')).toEqual(['Ünïted Straße'])
      expect(await namesFor('"')).toEqual([])
      expect(await namesFor('warehouse ÜNÏTED')).toEqual(['Ünïted Straße'])
      expect(await namesFor('warehouse plain')).toEqual([])
      expect(await namesFor('BÜRO')).toEqual(['Plain'])
      expect(await namesFor('nordwind anja@')).toEqual(['Plain'])
      expect(await namesFor('0%')).toEqual(['100%_real\\path'])
      expect(await namesFor('%_r')).toEqual(['100%_real\\path'])
      expect(await namesFor('l\\p')).toEqual(['100%_real\\path'])
      expect(await namesFor("'; drop table credentials --")).toEqual([])
      const filtered = await list({ connector, method: 'oauth2', status: 'unverified' })
      expect(filtered).toMatchObject({ total: 1, nextCursor: null })
    })

    it('follow a change of what is searched', async () => {
      const row = await insert({ connector: 'search', name: 'Changing', identity: identitySample })
      await getSubject().stores.credentials.update(row.id, {
        name: 'Renamed',
        tags: ['later'],
        identity: null,
      })
      expect(await namesFor('changing')).toEqual([])
      expect(await namesFor('renamed later')).toEqual(['Renamed'])
      expect(await namesFor('renamed nordwind')).toEqual([])
    })

    it(
      'find whatever holds the parts, however it is written, in the order of names',
      { timeout: 120_000 },
      () =>
        drawn(async (draw) => {
          const connector = 'parts'
          // Two of them make a name of less than 300 bytes: longer ones are ordered by the hash of their end.
          const long = Array.from({ length: 40 }, (_, number) => `x${number}`).join('')
          const pieces = [
            'nordwind',
            'nord-ost',
            'ops17@nordwind.example',
            long,
            'c3po',
            '日本語テキスト',
            'a_b%c\\d',
            '--',
          ]
          const texts: string[] = []
          for (let number = 0; number < 40; number++) {
            const name = `${draw.oneOf(pieces)} ${draw.oneOf(pieces)} n${number}`
            const description = draw.oneOf(pieces)
            await insert({ connector, name, description })
            texts.push(`${name}\n${description}`)
          }
          const inOrder = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          const parts = Array.from({ length: 200 }, () => {
            const piece = draw.oneOf(pieces)
            const start = draw.number(piece.length)
            return piece.slice(start, start + 1 + draw.number(60))
          })
          for (const [index, part] of parts.entries()) {
            const words = index % 3 === 0 ? [part] : [part, draw.oneOf(parts)]
            const expected = inOrder.filter((text) => words.every((word) => text.includes(word)))
            const found: string[] = []
            for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
              const page = await list({ connector, query: words.join(' '), limit: 7, cursor })
              found.push(...page.items.map(({ name, description }) => `${name}\n${description}`))
              expect(page.total).toBe(expected.length)
              cursor = page.nextCursor ?? undefined
            }
            expect(found).toEqual(expected)
          }
        }),
    )

    it.each(sorts)('sorted by %s have every credential once, page after page', async (sort) => {
      const connector = `pages${sort}`
      for (const name of ['b', 'É', 'a', 'e', '🔑'.repeat(100), '"'.repeat(200), 'C'])
        await insert({ connector, name: `${name} ${sort}` })
      for (const row of (await list({ connector })).items.slice(0, 3))
        await getSubject().stores.credentials.touch(row.id)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await list({ connector, sort, limit: 2, cursor })
        expect(page.total).toBe(7)
        expect(page.nextCursor?.length ?? 0).toBeLessThanOrEqual(600)
        seen.push(...page.items.map((row) => row.name))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      const whole = await list({ connector, sort })
      expect(seen).toEqual(whole.items.map((row) => row.name))
      expect(new Set(seen).size).toBe(7)
      if (sort === 'name') {
        const folded = seen.map(fold)
        expect(folded).toEqual([...folded].sort((a, b) => Buffer.from(a).compare(Buffer.from(b))))
      }
    })

    it('refuse a cursor that is none, or of another order', async () => {
      const connector = 'cursors'
      await insert({ connector })
      await insert({ connector })
      const { nextCursor } = await list({ connector, limit: 1 })
      const wrong = ['', 'x', '%00', Buffer.from('name:\0:x').toString('base64url'), `${nextCursor}`]
      for (const cursor of wrong)
        await expect(list({ connector, cursor, sort: '-updatedAt' })).rejects.toMatchObject({
          code: 'invalid_input',
          errors: [{ field: 'cursor' }],
        })
    })
  })
}
