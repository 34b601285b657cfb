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
