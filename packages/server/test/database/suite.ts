import { afterAll, beforeAll, describe } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { describeAccess } from './access-suite.ts'
import { describeAuditAge } from './audit-age-suite.ts'
import { describeOldAudit } from './audit-old-suite.ts'
import { describeAudit } from './audit-suite.ts'
import { describeCodec } from './codec-suite.ts'
import { describeCredentialIndexes } from './credential-index-suite.ts'
import { describeCredentialLists } from './credential-list-suite.ts'
import { describeCredentialPlans } from './credential-plan-suite.ts'
import { describeCredentials } from './credential-suite.ts'
import { describeCredentialViewers } from './credential-viewer-suite.ts'
import type { MakePlace, TestPlace } from './database.ts'
import { describeDevices } from './device-suite.ts'
import { describeEnds } from './end-suite.ts'
import { describeFlows } from './flow-suite.ts'
import { describeHealth } from './health-suite.ts'
import { describeLedger } from './ledger-suite.ts'
import { describeOpening } from './open-suite.ts'
import { describePrepared } from './prepared-suite.ts'
import { describePrevious } from './previous-suite.ts'
import { describeRecords } from './record-suite.ts'
import { describeRefreshing } from './refresh-suite.ts'
import { describeRuns } from './run-suite.ts'
import { describeShares } from './share-suite.ts'
import { describeSmallStores } from './small-suite.ts'
import type { GetSubject, Subject } from './subject.ts'
import { describeUnits } from './unit-suite.ts'

const suites: readonly ((getSubject: GetSubject) => void)[] = [
  describeCodec,
  describeCredentials,
  describeCredentialLists,
  describeCredentialViewers,
  describePrepared,
  describePrevious,
  describeHealth,
  describeEnds,
  describeFlows,
  describeRuns,
  describeLedger,
  describeRecords,
  describeSmallStores,
  describeShares,
  describeDevices,
  describeAccess,
  describeUnits,
]

/** What every database must do, whichever it is. */
export function describeStores(name: string, makePlace: MakePlace): void {
  describeSuites(name, makePlace, suites)
  describe(`databases of ${name}`, () => {
    describeCredentialIndexes(makePlace)
    describeCredentialPlans(makePlace)
    describeOpening(makePlace)
    describeAudit(makePlace)
    describeOldAudit(makePlace)
    describeAuditAge(makePlace)
  })
}

/** The same for refreshing alone: quick, for mutation testing runs it hundreds of times. */
export function describeRefreshStore(name: string, makePlace: MakePlace): void {
  describeSuites(name, makePlace, [describeRefreshing])
}

function describeSuites(name: string, makePlace: MakePlace, chosen: typeof suites): void {
  describe(`stores on ${name}`, () => {
    let place: TestPlace | undefined
    let subject: Subject | undefined
    beforeAll(async () => {
      place = await makePlace()
      const stores = await openStores(place.settings)
      const rival = stores.kind === 'sqlite' ? stores : await openStores(place.settings)
      subject = { stores, rival }
    })
    afterAll(async () => {
      await subject?.stores.close()
      if (subject?.rival !== subject?.stores) await subject?.rival.close()
      await place?.remove()
    })
    const getSubject: GetSubject = () => {
      if (subject === undefined) throw new Error('the stores are not open')
      return subject
    }
    for (const describeSuite of chosen) describeSuite(getSubject)
  })
}
