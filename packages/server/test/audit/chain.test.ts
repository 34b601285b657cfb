import { describe, expect, it } from 'vitest'
import { ChainKey, chainStart } from '../../src/audit/chain.ts'

const entry = {
  sequence: 1,
  at: '2026-11-27T04:00:00.000Z',
  actor: { kind: 'system', id: null, name: 'Latchwork', email: null },
  action: 'audit.begin',
  object: null,
  result: 'ok',
  reason: null,
  before: null,
  after: null,
  address: null,
  agent: null,
  requestId: null,
} as const
const head = {
  sequence: 1,
  hash: chainStart,
  lastAt: 1,
  since: 1,
  removedTo: 0,
  removedHash: '',
  accepted: 0,
}

describe('#54 what holds the audit log together', () => {
  it.each<[string, (key: ChainKey) => string]>([
    ['the hash of an entry', (key) => key.hash(chainStart, entry)],
    ['the digest of stored rows', (key) => key.digest(chainStart, 'row')],
    ['the mark of an act that waits', (key) => key.pendingMac('id', 'act')],
    ['the signature of the end', (key) => key.sign(head)],
  ])('%s is computed by nobody without the key', (_, computed) => {
    expect(computed(new ChainKey('ours'))).toBe(computed(new ChainKey('ours')))
    expect(computed(new ChainKey('ours'))).not.toBe(computed(new ChainKey('theirs')))
  })

  it.each(Object.keys(entry))('the hash of an entry changes with its %s', (name) => {
    const key = new ChainKey('ours')
    const changed = { ...entry, [name]: 'another' }
    expect(key.hash(chainStart, changed)).not.toBe(key.hash(chainStart, entry))
  })
})
