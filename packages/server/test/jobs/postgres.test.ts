import { makePostgresPlace } from '../database/database.ts'
import { describeJobs } from './suite.ts'

describeJobs('PostgreSQL', makePostgresPlace)
