import {
  counted,
  type MasterKey,
  type MasterKeys,
  masterKeyDays,
  masterKeyOperations,
} from '@latchwork/contract'

/** Warns before the time is up, so that there is time to plan. */
const warnDaysBefore = 30

export type KeyRole = 'active' | 'next' | 'old' | 'retired' | 'missing'

/** The purpose of a key. A key that only decrypts is either a future key or a former one. */
export function roleOf({ state, operations, rows }: MasterKey): KeyRole {
  if (state !== 'readable') return state
  return operations === 0 && rows === 0 ? 'next' : 'old'
}

export interface KeyAge {
  /** The elapsed share of its time, in percent; at most 100. */
  readonly percent: number
  readonly tone: 'good' | 'warning'
  readonly inUse: string
  readonly left: string
}

/** How far the active key is through the time that it should be used for. */
export function ageOf({ ageDays }: Pick<MasterKey, 'ageDays'>): KeyAge {
  const leftDays = masterKeyDays - ageDays
  return {
    percent: Math.min(100, Math.round((ageDays / masterKeyDays) * 100)),
    tone: leftDays <= warnDaysBefore ? 'warning' : 'good',
    inUse: ageDays === 0 ? 'In use since today' : `In use for ${counted(ageDays, 'day')}`,
    left:
      leftDays > 0
        ? `change it within ${counted(leftDays, 'day')}`
        : leftDays === 0
          ? 'its year is over: rotate'
          : `${counted(-leftDays, 'day')} over its year: rotate`,
  }
}

/** "1,000 uses, less than 1% of what is safe" */
export function usesOf({ operations }: Pick<MasterKey, 'operations'>): string {
  const percent = Math.floor((operations / masterKeyOperations) * 100)
  const share = percent < 1 ? 'less than 1%' : `${percent}%`
  return `${counted(operations, 'use')}, ${share} of what is safe`
}

export function valuesOf(count: number): string {
  return counted(count, 'value')
}

/** Values that another key than the active one opens, without those in quarantine. */
export function valuesOnOthers({ items, quarantined }: Pick<MasterKeys, 'items' | 'quarantined'>): number {
  const others = items.filter(({ state }) => state !== 'active').reduce((sum, { rows }) => sum + rows, 0)
  return Math.max(0, others - quarantined.length)
}

interface QuarantineWords {
  readonly thing: string
  readonly cure: string
}

/** What a value that could not be encrypted again is, and what to do about it, by the table that holds it. */
export function quarantineWords(table: string): QuarantineWords {
  return (
    tables[table] ?? {
      thing: `A value of ${table}`,
      cure: 'Restore the newest backup in which it is whole, or ask whoever runs this server.',
    }
  )
}

const tables: Readonly<Record<string, QuarantineWords>> = {
  credentials: {
    thing: 'The secrets of a credential',
    cure: 'Replace them in the credential, or delete it: it is gone for good after 7 days.',
  },
  previous_secrets: {
    thing: 'A secret that was replaced',
    cure: 'Nothing. It is erased by itself within days.',
  },
  authorizations: {
    thing: 'A sign-in at Close that is under way',
    cure: 'Nothing. It ends within ten minutes.',
  },
  sessions: {
    thing: 'Somebody’s session',
    cure: 'Nothing. It ends by itself, and its owner signs in again.',
  },
  run_keys: {
    thing: 'The key of a run’s stored records',
    cure: 'Nothing. It is erased together with its records. Deleting the flow erases it at once.',
  },
}
