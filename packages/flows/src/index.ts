export { executeRun } from './engine.ts'
export {
  JournalError,
  type QuarantinedRecord,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
} from './run.ts'
