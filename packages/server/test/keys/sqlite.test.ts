import { makeSqlitePlace } from '../stores/database.ts'
import { describeRotation } from './rotation-suite.ts'

describeRotation('SQLite', makeSqlitePlace)
