export { executeRun } from './engine.ts'
export {
  JournalError,
  type QuarantinedRecord,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
  RunTaken,
} from './run.ts'
export { defaultWaits, untilBack, type Waits } from './waiting.ts'
