import { CLASSIC_LENGTH, NEWER_LENGTH } from '../record-ids.ts'
import type { CollectionResource, CollectionWrites } from './collection-resource.ts'
import { type PageLimits, UNPUBLISHED_LIMITS } from './paging.ts'

type Base = Pick<CollectionResource, 'idLength' | 'audit' | 'paging' | 'hasMore' | 'selectsFields'>

/** Older resources: long ids, dates with an offset, pages by offset. */
export const classic: Base = {
  idLength: CLASSIC_LENGTH,
  audit: 'classic',
  paging: UNPUBLISHED_LIMITS,
  hasMore: true,
  selectsFields: true,
}

/** The first of the newer resources: short ids, dates without an offset, the whole list as one answer. */
export const newer: Base = {
  idLength: NEWER_LENGTH,
  audit: 'classic_naive',
  paging: null,
  hasMore: false,
  selectsFields: false,
}

/** For lists of which Close documents no largest page: no more than the default is safe to ask for. */
export const SMALL_PAGES: PageLimits = { maxLimit: 100, maxSkip: 100_000 }

type WriteBase = Pick<
  CollectionWrites,
  'createStatus' | 'deleteStatus' | 'permission' | 'required' | 'defaults'
>

/** Older resources answer 200 to everything. */
export const classicWrites: WriteBase = {
  createStatus: 200,
  deleteStatus: 200,
  permission: 'manage_organization',
  required: [],
  defaults: () => ({}),
}

/** Newer resources answer 201 to a creation and 204 to a deletion. */
export const newerWrites: WriteBase = { ...classicWrites, createStatus: 201, deleteStatus: 204 }
