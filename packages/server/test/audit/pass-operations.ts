import { newId } from '@latchwork/contract'
import { sealWrite } from '../../src/gateway/confirm/held-write.ts'
import { openVault } from '../../src/master-keys/open.ts'
import type { Makers } from './makers.ts'

const of = (id: string) => ({ params: { id } })
const rules = { objects: { lead: ['read' as const] } }

/** A pass for a credential that works. */
async function made({ person, real, next }: Makers) {
  const { id: credentialId } = await real()
  const { pass } = await person.client.passes.create({
    body: { name: `Pass ${next()}`, credentialId, rules },
  })
  return pass
}

/** A write that waits, of a pass that is over: where it is confirmed, nothing is sent. */
async function waitingWrite(makers: Makers) {
  const { id: passId } = await made(makers)
  const { settings, app } = makers.server
  const { passWrites, metadata } = app.stores
  const vault = await openVault(settings, metadata)
  const id = newId('write')
  const asked = { method: 'POST', url: '/api/v1/lead/', body: {} }
  const sealed = await sealWrite(vault, id, { asked, address: '127.0.0.1' })
  await passWrites.insert({ id, passId, method: 'POST', path: '/lead/', sealed }, 20, 60_000)
  await makers.person.client.passes.revoke(of(passId))
  return { params: { id: passId, writeId: id } }
}

/** Of passes, as `operations` has the others. */
export const passOperations: Readonly<Record<string, (makers: Makers) => Promise<() => Promise<unknown>>>> = {
  'pass.create': async ({ person, real, next }) => {
    const { id: credentialId } = await real()
    return () => person.client.passes.create({ body: { name: `Pass ${next()}`, credentialId, rules } })
  },
  'pass.update': async (makers) => {
    const { id } = await made(makers)
    return () => makers.person.client.passes.update({ ...of(id), body: { purpose: `now ${makers.next()}` } })
  },
  'pass.rotate': async (makers) => {
    const { id } = await made(makers)
    return () => makers.person.client.passes.rotate({ ...of(id), body: {} })
  },
  'pass.revoke': async (makers) => {
    const { id } = await made(makers)
    return () => makers.person.client.passes.revoke(of(id))
  },
  'pass.confirm': async (makers) => {
    const write = await waitingWrite(makers)
    return () => makers.person.client.passWrites.confirm(write)
  },
  'pass.refuse': async (makers) => {
    const write = await waitingWrite(makers)
    return () => makers.person.client.passWrites.refuse(write)
  },
  'pass.delete': async (makers) => {
    const { id } = await made(makers)
    return () => makers.person.client.passes.delete(of(id))
  },
  'pass.share': async (makers) => {
    const { id } = await made(makers)
    const body = { memberId: makers.other.id, role: 'operator' } as const
    return () => makers.person.client.passAccess.set({ ...of(id), body })
  },
  'pass.transfer': async (makers) => {
    const { id } = await made(makers)
    return () => makers.person.client.passAccess.transfer({ ...of(id), body: { to: makers.other.id } })
  },
}
