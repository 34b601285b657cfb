import { makePostgresPlace } from '../database/database.ts'
import { describeRotation } from './rotation-suite.ts'

describeRotation('PostgreSQL', makePostgresPlace)
