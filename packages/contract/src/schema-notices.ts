import type { RunNotice } from './flow.ts'

/** Notices of a run that tell of a change of columns. */
export const schemaNotices: readonly RunNotice['code'][] = ['column_widened']
