import SqliteFile from 'better-sqlite3'
import type { SqliteDatabase } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { keepingStatements } from '../../src/database/statements.ts'

let database: SqliteDatabase
beforeEach(() => {
  database = keepingStatements(new SqliteFile(':memory:'))
  database.prepare('create table plants (name text)').run([])
  return () => database.close()
})
const select = 'select * from plants'
const rows = () => database.prepare(select).all([])

describe('kept statements', () => {
  it('are prepared once for each text, and take new values each time', () => {
    const insert = () => database.prepare('insert into plants values (?)')
    expect(insert()).toBe(insert())
    insert().run(['ivy'])
    insert().run(['fern'])
    expect(rows()).toEqual([{ name: 'ivy' }, { name: 'fern' }])
  })

  it('show the columns that a table has by now', () => {
    database.prepare('insert into plants values (?)').run(['ivy'])
    expect(rows()).toEqual([{ name: 'ivy' }])
    database.prepare('alter table plants add column height integer').run([])
    expect(rows()).toEqual([{ name: 'ivy', height: null }])
    database.prepare('alter table plants rename column height to leaves').run([])
    expect(rows()).toEqual([{ name: 'ivy', leaves: null }])
  })

  it('are those used last: the others are prepared again', () => {
    const first = database.prepare(select)
    for (let number = 0; number < 600; number += 1) database.prepare(`select ${number}`)
    expect(database.prepare(select)).not.toBe(first)
    expect(rows()).toEqual([])
  })
})
