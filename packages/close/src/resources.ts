import type { ListQuery } from './catalogue-types.ts'
import type { CloseObject } from './objects.ts'
import { type Page, parseObject, parsePage } from './pages.ts'
import { recordId } from './request.ts'
import type { RequestOptions, Transport } from './transport.ts'

/** The body of a create or an update: the object's fields, and any other that Close accepts. */
export type Fields<T> = { [K in keyof T]?: Draft<T[K]> | null } & { [field: string]: unknown }

/** Objects nested in a new object have no id yet. */
type Draft<V> = V extends (infer Item)[] ? Draft<Item>[] : V extends CloseObject ? Fields<V> : V

export type Listable<T, Q> = {
  /** One page; `paginate` reads them all. Filters are those that Close documents. */
  list(query?: Q, options?: RequestOptions): Promise<Page<T>>
}

export type Gettable<T> = {
  get(id: string, options?: RequestOptions & { fields?: readonly string[] }): Promise<T>
}

export type Creatable<T> = {
  /** Sent once: `in_doubt` if it is unknown whether it took effect. */
  create(body: Fields<T>, options?: RequestOptions): Promise<T>
}

export type Updatable<T> = {
  /** A partial update: fields left out keep their value. */
  update(id: string, body: Fields<T>, options?: RequestOptions): Promise<T>
}

export type Deletable = {
  delete(id: string, options?: RequestOptions): Promise<void>
}

export type ReadOnly<T, Q> = Listable<T, Q> & Gettable<T>
export type Crud<T, Q> = ReadOnly<T, Q> & Creatable<T> & Updatable<T> & Deletable

/** All five verbs on one path; a resource's type leaves out those that Close does not have. */
export function resource<T extends CloseObject, P extends string>(
  transport: Transport,
  path: P,
): Crud<T, ListQuery<P>> {
  const one = (id: string): string => `${path}${recordId(id)}/`
  return {
    list: (query, options) => transport({ method: 'GET', path, query }, options, parsePage<T>),
    async get(id, options) {
      const query = options?.fields === undefined ? undefined : { _fields: options.fields }
      return transport({ method: 'GET', path: one(id), query }, options, (answer) =>
        parseObject<T>(answer, true),
      )
    },
    create: (body, options) =>
      transport({ method: 'POST', path, body }, options, (answer) => parseObject<T>(answer, false)),
    async update(id, body, options) {
      return transport({ method: 'PUT', path: one(id), body }, options, (answer) =>
        parseObject<T>(answer, true),
      )
    },
    async delete(id, options) {
      await transport({ method: 'DELETE', path: one(id) }, options, () => undefined)
    },
  }
}
