import type { CustomFieldObjectType, SearchQuery } from '@latchwork/close'
import type { Fields } from './fields.ts'
import type { Parameter } from './parameters.ts'

/** How a stream is read. Each is one of `readers`, or the search. */
export type Reading = SearchReading | ListReading | WindowsReading | EventsReading | SingleReading

type Query = Readonly<Record<string, string>>

/** By `POST /data/search/`, sorted by date. */
export interface SearchReading {
  readonly by: 'search'
  /** What Close calls the records in a search; several for activities, which are searched kind by kind. */
  readonly types: readonly string[]
  /** A further condition. */
  readonly only?: SearchQuery
}

/** By the pages of a list that has no order to hold on to. */
export interface ListReading {
  readonly by: 'list'
  readonly path: string
  readonly query?: Query
  /** Of records that Close lists only by what they belong to: the list of these, and the parameter that names one. */
  readonly parent?: { readonly path: string; readonly parameter: string }
  /** Only of these of what they belong to. */
  readonly parents?: readonly string[]
  /** Parameters of which Close asks for one, with the credential's own user. */
  readonly ownUser?: readonly string[]
  /** Fields that Close shows only where one record is asked for, and only by name. */
  readonly detail?: readonly string[]
}

/** By the pages of a list that has the newest first and takes bounds of `date_created`. */
export interface WindowsReading {
  readonly by: 'windows'
  readonly path: string
  readonly query?: Query
}

/** The event log. */
export interface EventsReading {
  readonly by: 'events'
  readonly query?: Query
}

/** One request. */
export interface SingleReading {
  readonly by: 'single'
  /** `{organization}` is the credential's organization. */
  readonly path: string
  readonly query?: Query
  /** The members of the answer that are lists of records, with what each of these gets; left out: the answer is one. */
  readonly lists?: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  /** Fields whose values, joined by a colon, are the id of records that have none. */
  readonly identity?: readonly string[]
}

export interface CustomFieldSet {
  readonly of: Exclude<CustomFieldObjectType, 'shared'>
  /** Only those of this custom activity type or custom object type. */
  readonly typeId?: string
}

/** A stream of the table. */
export interface StreamRow {
  readonly name: string
  readonly label: string
  readonly group: string
  /** A sentence about what is read. */
  readonly description: string
  readonly recommended: boolean
  readonly reading: Reading
  /** Documented fields with their types. Every stream has `id`. */
  readonly fields: Fields
  readonly customFields: CustomFieldSet | null
  /** Fields that are never read, since they are secrets. */
  readonly secretFields?: readonly string[]
  /** Whether what Close does not document is left out. Otherwise the column `other_fields` has it. */
  readonly documentedOnly?: true
  /** What a flow may say of how it is read; left out: nothing. */
  readonly parameters?: readonly Parameter[]
  /** The stream that has all of its records too. */
  readonly within?: string
}

type Given = Partial<
  Pick<
    StreamRow,
    'recommended' | 'customFields' | 'secretFields' | 'documentedOnly' | 'parameters' | 'within'
  >
>

/** A row of a group; by default it is not recommended, and has no custom fields. */
export function rowsOf(group: string) {
  return (
    [name, label]: readonly [name: string, label: string],
    description: string,
    reading: Reading,
    fields: Fields,
    given: Given = {},
  ): StreamRow => ({
    ...{ name, label, group, description, recommended: false, reading, fields, customFields: null },
    ...given,
  })
}

export const search = (...types: readonly string[]): SearchReading => ({ by: 'search', types })

export const list = (path: string, more: Omit<ListReading, 'by' | 'path'> = {}): ListReading => ({
  by: 'list',
  path,
  ...more,
})
