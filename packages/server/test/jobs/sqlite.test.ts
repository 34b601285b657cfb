import { makeSqlitePlace } from '../stores/database.ts'
import { describeJobs } from './suite.ts'

describeJobs('SQLite', makeSqlitePlace)
