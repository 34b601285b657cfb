import { makePostgresPlace } from '../stores/database.ts'
import { describeRotation } from './rotation-suite.ts'

describeRotation('PostgreSQL', makePostgresPlace)
