/** Runs whose records are to be erased by age are found by their end. */
export function oldRecords(): string[] {
  return [`create index runs_by_end on runs (finished_at) where finished_at is not null`]
}
