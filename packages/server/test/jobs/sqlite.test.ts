import { makeSqlitePlace } from '../database/database.ts'
import { describeJobs } from './suite.ts'

describeJobs('SQLite', makeSqlitePlace)
