import { makePostgresPlace } from './database.ts'
import { describeStores } from './suite.ts'

describeStores('PostgreSQL', makePostgresPlace)
