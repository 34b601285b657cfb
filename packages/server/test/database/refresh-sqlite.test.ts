import { makeSqlitePlace } from './database.ts'
import { describeRefreshStore } from './suite.ts'

describeRefreshStore('SQLite', makeSqlitePlace)
