import { makePostgresPlace } from '../stores/database.ts'
import { describeJobs } from './suite.ts'

describeJobs('PostgreSQL', makePostgresPlace)
