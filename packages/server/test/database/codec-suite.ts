import { credentialStatusSchema, LatchworkError, newId } from '@latchwork/contract'
import fc from 'fast-check'
import { type Selectable, sql } from 'kysely'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import {
  type ChangeOf,
  codec,
  columns,
  type NewOf,
  type RowOf,
  type TableOf,
} from '../../src/database/codec.ts'
import {
  boolean,
  nullable,
  number,
  oneOf,
  sealed,
  sealedOrNothing,
  storable,
  text,
  textList,
  textMap,
  time,
  timeOrNever,
} from '../../src/database/columns.ts'
import { columnKinds } from '../../src/database/migrations/kinds.ts'
import type { GetSubject } from './subject.ts'

/** An attribute of every kind. */
const sample = codec('codec_samples', {
  fixed: { id: text },
  given: {
    count: number,
    isOpen: boolean,
    seenAt: time,
    status: oneOf(credentialStatusSchema),
    tags: columns(
      (tags: readonly string[]) => ({ tags: textList.write(tags), tagCount: tags.length }),
      (held, place) => textList.read(held.tags, place),
    ),
    values: textMap,
    secrets: sealed,
    shownSecrets: sealedOrNothing,
    endsAt: nullable(time),
    allowed: nullable(textList),
  },
  optional: { note: nullable(text), usedAt: timeOrNever },
  own: { holder: nullable(text) },
})
type Row = RowOf<typeof sample>
type New = NewOf<typeof sample>
type Change = ChangeOf<typeof sample>

const texts = fc.string({ unit: 'binary', maxLength: 12 }).map(storable)
const times = fc.integer({ min: 1, max: 8_640_000_000_000_000 })
const maps = fc.dictionary(
  texts.filter((name) => name !== '__proto__'),
  texts,
)
const sealedRows = fc.record({ wrappedKey: texts, fields: maps })
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const attributes = {
  count: fc.maxSafeInteger(),
  isOpen: fc.boolean(),
  seenAt: times,
  status: fc.constantFrom(...credentialStatusSchema.options),
  tags: fc.array(texts),
  values: maps,
  secrets: sealedRows,
  shownSecrets: sealedRows,
  endsAt: orNull(times),
  allowed: orNull(fc.array(texts)),
  note: orNull(texts),
  usedAt: orNull(times),
}
const newRows: fc.Arbitrary<New> = fc.record(attributes).map((row) => ({ id: newId('run'), ...row }))
const changes: fc.Arbitrary<Change> = fc.record(attributes, { requiredKeys: [] })

export function describeCodec(getSubject: GetSubject): void {
  const tables = () =>
    getSubject().stores.database.tables.$extendTables<{ codecSamples: TableOf<typeof sample> }>()
  const insert = async (row: New): Promise<Row> =>
    sample.toRow(
      await tables()
        .insertInto('codecSamples')
        .values(sample.toColumns(row))
        .returningAll()
        .executeTakeFirstOrThrow(),
    )

  describe('an entity that stands in a codec', () => {
    beforeAll(async () => {
      const { integer } = columnKinds[getSubject().stores.kind]
      await sql`create table codec_samples (id text primary key, count ${sql.raw(integer)} not null,
        is_open integer not null, seen_at ${sql.raw(integer)} not null, status text not null, tags text not null,
        tag_count integer not null, "values" text not null, secrets text not null, shown_secrets text not null,
        ends_at ${sql.raw(integer)}, allowed text, note text, used_at ${sql.raw(integer)} not null default 0,
        holder text)`.execute(getSubject().stores.database.tables)
    })

    it('comes back from its columns as it was', async () => {
      const property = fc.asyncProperty(newRows, async (row) => {
        expect(await insert(row)).toEqual({ ...row, holder: null })
      })
      await fc.assert(property, { numRuns: 40 })
    })

    it('may do without what has a default', async () => {
      const property = fc.asyncProperty(newRows, async ({ note: _, usedAt: __, ...row }) => {
        expect(await insert(row)).toEqual({ ...row, note: null, usedAt: null, holder: null })
      })
      await fc.assert(property, { numRuns: 10 })
    })

    it('changes in what is given, and in nothing else', async () => {
      const property = fc.asyncProperty(newRows, changes, async (row, change) => {
        const before = await insert(row)
        const columnsOfAll = sample.toChangedColumns(change)
        if (Object.keys(columnsOfAll).length === 0) return
        const after = await tables()
          .updateTable('codecSamples')
          .set(columnsOfAll)
          .where('id', '=', row.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        expect(sample.toRow(after)).toEqual({ ...before, ...change })
      })
      await fc.assert(property, { numRuns: 40 })
    })

    it('writes nothing that is not for its caller to give, whatever the caller has at hand', async () => {
      const property = fc.asyncProperty(newRows, async (row) => {
        const whole = { ...(await insert(row)), holder: 'stranger' }
        expect(sample.toColumns(whole)).not.toHaveProperty('holder')
        const changed = sample.toChangedColumns(whole)
        expect(Object.keys(changed)).not.toEqual(expect.arrayContaining(['id']))
        expect(Object.keys(changed)).not.toEqual(expect.arrayContaining(['holder']))
        expect(sample.toChangedColumns({ note: undefined })).toEqual({})
      })
      await fc.assert(property, { numRuns: 5 })
    })

    it('names the column that holds something unexpected, and never what it holds', async () => {
      const [row] = fc.sample(newRows, { numRuns: 1, seed: 1 })
      if (row === undefined) throw new Error('nothing was drawn')
      const held = await tables()
        .insertInto('codecSamples')
        .values(sample.toColumns({ ...row, id: newId('run') }))
        .returningAll()
        .executeTakeFirstOrThrow()
      const readDamaged = (damage: Partial<typeof held>) => {
        try {
          return sample.toRow({ ...held, ...damage })
        } catch (error) {
          if (error instanceof LatchworkError) return { code: error.code, cause: String(error.cause) }
          throw error
        }
      }
      for (const [name, damage] of Object.entries({
        tags: { tags: '{"holy":"moly"}' },
        values: { values: 'holy' },
        status: { status: 'holy' },
        allowed: { allowed: '["holy", 1]' },
      })) {
        const told = { code: 'internal', cause: expect.stringContaining(`codec_samples.${name} `) }
        expect(readDamaged(damage), name).toEqual(told)
        expect(JSON.stringify(readDamaged(damage))).not.toContain('holy')
      }
      expect(readDamaged({ secrets: 'holy' })).toMatchObject({ code: 'secret_unreadable' })
      const shown = readDamaged({ shownSecrets: 'holy' })
      expect(shown).toMatchObject({ id: held.id, shownSecrets: { wrappedKey: '', fields: {} } })
    })

    it('has its types from the codec alone', () => {
      expectTypeOf<Row['tags']>().toEqualTypeOf<readonly string[]>()
      expectTypeOf<Row['endsAt']>().toEqualTypeOf<number | null>()
      expectTypeOf<Row['holder']>().toEqualTypeOf<string | null>()
      expectTypeOf<New>().not.toHaveProperty('holder')
      expectTypeOf<Change>().not.toHaveProperty('holder')
      expectTypeOf<Change>().not.toHaveProperty('id')
      expectTypeOf<Pick<New, 'seenAt' | 'usedAt'>>().toEqualTypeOf<{
        readonly seenAt: number
        readonly usedAt?: number | null | undefined
      }>()
      expectTypeOf<Selectable<TableOf<typeof sample>>['tagCount']>().toEqualTypeOf<number>()
    })
  })
}
