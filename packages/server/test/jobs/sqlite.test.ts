import { makeSqlitePlace } from '../database/database.ts'
import { describeStopping } from './stopping-suite.ts'
import { describeJobs } from './suite.ts'

describeJobs('SQLite', makeSqlitePlace)
describeStopping('SQLite', makeSqlitePlace)
