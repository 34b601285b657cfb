import type { endpoints } from './generated/catalogue.ts'
import type { QueryValue } from './request.ts'

type Endpoints = typeof endpoints

/** The names of the query parameters that Close documents for `GET` on a path. */
export type DocumentedQuery<P extends string> = P extends keyof Endpoints
  ? Endpoints[P] extends { GET: { query: readonly (infer Name extends string)[] } }
    ? Name
    : never
  : never

/** The parameters of a list: the documented ones, and those that every list takes. */
export type ListQuery<P extends string> = {
  readonly [Name in DocumentedQuery<P> | '_limit' | '_skip' | '_fields']?: QueryValue
}
