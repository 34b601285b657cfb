export {
  executeRun,
  JournalError,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
} from './engine.ts'
