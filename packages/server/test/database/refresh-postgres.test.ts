import { makePostgresPlace } from './database.ts'
import { describeRefreshStore } from './suite.ts'

describeRefreshStore('PostgreSQL', makePostgresPlace)
