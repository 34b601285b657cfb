export {
  executeRun,
  JournalError,
  type QuarantinedRecord,
  type RunCounts,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
} from './engine.ts'
