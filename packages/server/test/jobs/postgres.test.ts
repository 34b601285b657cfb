import { makePostgresPlace } from '../database/database.ts'
import { describeStopping } from './stopping-suite.ts'
import { describeJobs } from './suite.ts'

describeJobs('PostgreSQL', makePostgresPlace)
describeStopping('PostgreSQL', makePostgresPlace)
