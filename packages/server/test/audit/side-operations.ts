import type { Makers } from './makers.ts'

const of = (id: string) => ({ params: { id } })

/** As `operations`: what is done to sources and destinations. */
export const sideOperations: Readonly<Record<string, (makers: Makers) => Promise<() => Promise<unknown>>>> = {
  'source.create':
    async ({ person, next }) =>
    () =>
      person.client.sources.create({
        body: {
          ...{ connector: 'files', credentialId: null, name: `S ${next()}` },
          config: { file: 'in.csv', format: 'csv' },
        },
      }),
  'source.update': async ({ person, next, flow }) => {
    const { source } = await flow()
    return () => person.client.sources.update({ ...of(source.id), body: { name: `Source ${next()}` } })
  },
  'source.delete': async ({ person, side }) => {
    const source = await side('source')
    return () => person.client.sources.delete(of(source.id))
  },
  'source.share': async ({ person, flow }) => {
    const { source } = await flow()
    return () =>
      person.client.sourceAccess.set({ ...of(source.id), body: { memberId: null, role: 'operator' } })
  },
  'source.transfer': async ({ person, other, flow }) => {
    const { source } = await flow()
    return () => person.client.sourceAccess.transfer({ ...of(source.id), body: { to: other.id } })
  },
  'destination.create':
    async ({ person, next }) =>
    () =>
      person.client.destinations.create({
        body: {
          ...{ connector: 'files', credentialId: null, name: `D ${next()}` },
          config: { file: `out-${next()}.csv`, format: 'csv' },
        },
      }),
  'destination.update': async ({ person, next, flow }) => {
    const { destination } = await flow()
    return () => person.client.destinations.update({ ...of(destination.id), body: { name: `To ${next()}` } })
  },
  'destination.delete': async ({ person, side }) => {
    const destination = await side('destination')
    return () => person.client.destinations.delete(of(destination.id))
  },
  'destination.share': async ({ person, other, flow }) => {
    const { destination } = await flow()
    const body = { memberId: other.id, role: 'admin' } as const
    return () => person.client.destinationAccess.set({ ...of(destination.id), body })
  },
  'destination.transfer': async ({ person, other, flow }) => {
    const { destination } = await flow()
    return () => person.client.destinationAccess.transfer({ ...of(destination.id), body: { to: other.id } })
  },
}
