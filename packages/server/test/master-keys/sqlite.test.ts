import { makeSqlitePlace } from '../database/database.ts'
import { describeRotation } from './rotation-suite.ts'

describeRotation('SQLite', makeSqlitePlace)
