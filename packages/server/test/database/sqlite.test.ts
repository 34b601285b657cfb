import { makeSqlitePlace } from './database.ts'
import { describeStores } from './suite.ts'

describeStores('SQLite', makeSqlitePlace)
