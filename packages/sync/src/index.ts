export { addCounts, addNotices } from './batch.ts'
export { executeRun } from './engine.ts'
export { failedRun } from './outcome.ts'
export {
  type ChosenStream,
  JournalError,
  type PlannedColumns,
  type QuarantinedRecord,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
  RunTaken,
  type StreamEnd,
  type StreamProgress,
  type StreamStart,
  type StreamStop,
} from './run.ts'
export { defaultWaits, untilBack, type Waits } from './waiting.ts'
