import { describe, expect, it } from 'vitest'
import { checkPostgres } from '../../src/postgres/check.ts'
import type { PostgresLimits } from '../../src/postgres/connection.ts'
import { openPostgresDestination } from '../../src/postgres/destination.ts'
import { postgres, testContext, writerOptions } from '../context.ts'
import {
  dataRow,
  drip,
  failure,
  hostileCredential,
  hostileServer,
  int16,
  int32,
  type Manners,
  message,
  oneRow,
  pour,
  ready,
  welcome,
} from './hostile-server.ts'

/** The bytes are what ends it here: a busy machine has time to count them. */
const limits: PostgresLimits = {
  messageBytes: 8 * 1024,
  answerBytes: 32 * 1024,
  connectMs: 30_000,
  queryMs: 30_000,
  goodbyeMs: 50,
}
const impatient: PostgresLimits = { ...limits, connectMs: 400, queryMs: 400 }
/** What the machine itself holds on the way, on both sides. */
const buffersBytes = 16 * 1024 * 1024
const identity = { database: 'crm', role: 'latchwork', version: '16.3' }

const inAnswer = (bytes: Buffer): Manners => ({
  started: (socket) => socket.write(welcome),
  asked: (socket) => pour(socket, bytes),
})
const atOnce = (bytes: Buffer): Manners => ({ started: (socket) => pour(socket, bytes) })
const endless = (letter: string) =>
  Buffer.concat([Buffer.from(letter), int32(0x7fffffff), Buffer.alloc(65_536, 97)])
const notice = failure('N', { M: 'x'.repeat(1000) })

const floods: [string, Manners][] = [
  ['one endless error while signing in', atOnce(endless('E'))],
  ['notices without end while signing in', atOnce(notice)],
  ['parameters without end', atOnce(message('S', 'TimeZone', 'x'.repeat(1000)))],
  ['one endless row', inAnswer(endless('D'))],
  ['rows without end', inAnswer(Buffer.concat([oneRow(identity).subarray(0, -6), dataRow(['a', 'b', 'c'])]))],
  ['notices without end in an answer', inAnswer(notice)],
  ['a name of a column of a megabyte', inAnswer(oneRow({ ['x'.repeat(1_000_000)]: 'y' }))],
  ['a million columns', inAnswer(message('T', int16(65_535), Buffer.alloc(1_000_000, 1)))],
  ['a database named with 8 MB', inAnswer(oneRow({ ...identity, database: 'x'.repeat(8_000_000) }))],
  ['an error of 8 MB', inAnswer(failure('E', { M: 'x'.repeat(8_000_000) }))],
]

const unreadable: [string, Manners][] = [
  ['an unknown way of signing in', { started: (socket) => socket.write(message('R', int32(99))) }],
  [
    'a message that is shorter than its length',
    { started: (socket) => socket.write(Buffer.from('Z\0\0\0\0')) },
  ],
  [
    'a row that promises more than it holds',
    {
      started: (socket) => socket.write(welcome),
      asked: (socket) =>
        socket.write(
          Buffer.concat([
            oneRow(identity).subarray(0, 83),
            message('D', int16(3), int32(4000), Buffer.from('x')),
          ]),
        ),
    },
  ],
  [
    'an error without its end',
    { started: (socket) => socket.write(Buffer.concat([Buffer.from('E'), int32(8), Buffer.from('SFAT')])) },
  ],
  ['what is not PostgreSQL', { started: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') }],
]

const slow: [string, Manners][] = [
  ['a sign-in drop by drop', { started: (socket) => drip(socket, failure('N', { M: 'x'.repeat(4000) })) }],
  [
    'an answer drop by drop',
    {
      started: (socket) => socket.write(welcome),
      asked: (socket) => drip(socket, oneRow({ ...identity, version: 'x'.repeat(4000) })),
    },
  ],
  ['a sign-in without an answer', { started: () => undefined }],
  ['a statement without an answer', { started: (socket) => socket.write(welcome) }],
]

describe('#56 a hostile PostgreSQL server', () => {
  it.each([...floods, ...unreadable])('ends in an error of a line: %s', async (_, manners) => {
    const server = await hostileServer(manners)
    const result = await checkPostgres(hostileCredential(server.port), testContext(), limits)
    expect(result).toMatchObject({ status: 'unverified', identity: null, reason: { code: 'upstream_error' } })
    expect(result.reason?.message).toMatch(/^.{20,600}$/)
    await server.left()
    expect(server.sentBytes()).toBeLessThan(buffersBytes)
  })

  it.each(slow)('#46 is not waited for beyond the limit: %s', async (_, manners) => {
    const server = await hostileServer(manners)
    const result = await checkPostgres(hostileCredential(server.port), testContext(), impatient)
    expect(result).toMatchObject({ status: 'unverified', identity: null, reason: { code: 'unreachable' } })
    expect(result.reason?.message).toMatch(/^.{20,600}$/)
    await server.left()
  })

  it('#46 is hung up on where it does not take leave', async () => {
    const server = await hostileServer({
      started: (socket) => socket.write(welcome),
      asked: (socket, letter) => letter === 'Q' && socket.write(oneRow(identity)),
    })
    const result = await checkPostgres(hostileCredential(server.port), testContext(), limits)
    expect(result).toMatchObject({ status: 'verified', identity: { userId: 'latchwork' } })
    await server.left()
  })

  it('says so where it does not say which database it is', async () => {
    const server = await hostileServer({
      started: (socket) => socket.write(welcome),
      asked: (socket) => socket.write(Buffer.concat([message('C', 'SELECT 0'), ready])),
    })
    const result = await checkPostgres(hostileCredential(server.port), testContext(), limits)
    expect(result).toMatchObject({ status: 'unverified', reason: { code: 'upstream_error' } })
  })

  it.each([
    ...floods.filter(([name]) => !name.includes('signing in') && !name.includes('parameters')),
    ...unreadable,
  ])('fails the run that writes to it: %s', async (_, manners) => {
    const server = await hostileServer(manners)
    const context = testContext()
    const destination = openPostgresDestination(
      { schema: 'public', table: 'leads' },
      hostileCredential(server.port),
      context,
      writerOptions(),
      limits,
    )
    const opening = destination.open(writerOptions(), context.signal)
    await expect(opening).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/^.{20,600}$/),
    })
    await server.left()
    expect(server.sentBytes()).toBeLessThan(buffersBytes)
  })

  it('is hung up on at once when the check is over', async () => {
    const stopped = new AbortController()
    const server = await hostileServer({
      started: (socket) => {
        socket.write(welcome)
        stopped.abort(new Error('stopped'))
      },
    })
    const context = testContext({ signal: stopped.signal })
    await expect(checkPostgres(hostileCredential(server.port), context)).rejects.toThrow('stopped')
    await server.left()
  })
})

describe('#41 a PostgreSQL server that says the password back', () => {
  const password = 'pä ss"wörd\\/&=x'
  const written = [
    password,
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    Buffer.from(password).toString('base64'),
    Buffer.from(`latchwork:${password}`).toString('base64url'),
    Buffer.from(password).toString('hex').toUpperCase(),
  ]
  const check = async (manners: Manners, credential = password) => {
    const server = await hostileServer(manners)
    const result = await postgres.check?.(hostileCredential(server.port, credential), testContext())
    if (result === undefined) throw new Error('there is no such check')
    return result
  }

  it.each(written)('in an error: %s', async (form) => {
    for (const code of ['28P01', '3D000', '42501', '57P01', 'XX000', '28000']) {
      const result = await check({
        started: (socket) => socket.write(failure('E', { C: code, M: `no: ${form}.` })),
      })
      expect(result.reason?.message).toMatch(/no: .*\[secret\]/)
      for (const each of written)
        expect(JSON.stringify(result)).not.toContain(JSON.stringify(each).slice(1, -1))
    }
  })

  it.each(written)('in a name: %s', async (form) => {
    const result = await check(
      {
        started: (socket) => socket.write(welcome),
        asked: (socket, letter) =>
          letter === 'Q' && socket.end(oneRow({ ...identity, version: form.replaceAll(' ', '') })),
      },
      password.replaceAll(' ', ''),
    )
    expect(JSON.stringify(result)).not.toContain('wörd')
  })

  it('is not pinned to an account that is named by it', async () => {
    const result = await check({
      started: (socket) => socket.write(welcome),
      asked: (socket, letter) =>
        letter === 'Q' && socket.end(oneRow({ ...identity, database: `x${password}` })),
    })
    expect(result).toMatchObject({ status: 'unverified', identity: null, reason: { code: 'upstream_error' } })
  })

  it('keeps the names that are no secret, though the password is one of them', async () => {
    const result = await check(
      {
        started: (socket) => socket.write(welcome),
        asked: (socket, letter) => letter === 'Q' && socket.end(oneRow(identity)),
      },
      'latchwork',
    )
    expect(result).toMatchObject({
      status: 'verified',
      identity: { userId: 'latchwork', userName: 'latchwork' },
    })
  })
})
