import type { Claim } from '@latchwork/connectors'
import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { RunRow } from '../../src/flows/store/run-row.ts'
import { claim, insertFlow, takeUp } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeLedger(getSubject: GetSubject): void {
  describe('the ledger of a flow', () => {
    const runs = () => getSubject().stores.runs
    const newFlowId = async () => (await insertFlow(getSubject().stores, { ownerId: newId('user') })).flow.id
    const newRun = async (flowId: string, again = false) => {
      const { id } = await runs().insert({ id: newId('run'), flowId, startedBy: null, again })
      return takeUp(getSubject().stores, id)
    }
    const end = (run: RunRow, status: 'succeeded' | 'partial' | 'failed' | 'cancelled') =>
      runs().finish(run, status, null, null)
    const outcomes = async (run: RunRow, claims: readonly Claim[]) =>
      (await runs().ledgerClaim(run, claims)).map(({ outcome }) => outcome)

    it('knows what was sent and what came of it, until a run has come to its end', async () => {
      const flowId = await newFlowId()
      const first = await newRun(flowId)
      const long = 'k'.repeat(10_000)
      const claims = ['a', 'b\0', long, ...Array.from({ length: 1_200 }, (_, index) => `n${index}`)].map(
        (text) => claim(text),
      )
      const [a, b, c] = await runs().ledgerClaim(first, claims)
      const write = (id: string | undefined, outcome: string | null | undefined) => ({
        id: id ?? '',
        outcome,
      })
      await runs().ledgerWrite(first, [
        write(a?.id, undefined),
        write(b?.id, undefined),
        write(c?.id, undefined),
      ])
      await runs().ledgerWrite(first, [write(a?.id, 'lead_1'), write(b?.id, null)])
      const [sent] = await runs().ledgerClaim(first, claims)
      expect(Math.abs((sent?.sentAt ?? 0) - Date.now())).toBeLessThan(60_000)
      for (const status of ['failed', 'cancelled'] as const) {
        await end(await newestOf(flowId), status)
        const next = await newRun(flowId)
        expect(await outcomes(next, claims.slice(0, 4))).toEqual(['lead_1', null, undefined, null])
        expect(await runs().ledgerKnown(next, ['lead_1', 'lead_2'])).toEqual(new Set(['lead_1']))
      }
      for (const status of ['succeeded', 'partial'] as const) {
        await end(await newestOf(flowId), status)
        const next = await newRun(flowId)
        expect(await outcomes(next, claims.slice(0, 4))).toEqual([null, null, null, null])
        await runs().sweepLedger(flowId)
        expect(await rowsOf(flowId)).toBe(4)
        await runs().ledgerWrite(next, [
          write((await runs().ledgerClaim(next, claims.slice(0, 1)))[0]?.id, 'lead_3'),
        ])
      }
      await end(await newestOf(flowId), 'failed')
      expect(await outcomes(await newRun(flowId, true), claims.slice(0, 1))).toEqual([null])
    })

    const rowsOf = async (flowId: string) =>
      (
        await getSubject()
          .stores.database.tables.selectFrom('ledger')
          .selectAll()
          .where('flowId', '=', flowId)
          .execute()
      ).length
    const newestOf = async (flowId: string): Promise<RunRow> => {
      const [newest] = (await runs().list({ query: '', limit: 1, flowId })).items
      const run = await runs().find(newest?.id ?? '')
      if (run === null) throw new Error('there is no run')
      return run
    }

    it('gives records of the same content an entry each, wherever they stand in the next run', async () => {
      const flowId = await newFlowId()
      const first = await newRun(flowId)
      const twins = await runs().ledgerClaim(first, [claim('x', 0), claim('x', 1), claim('y', 2)])
      expect(new Set(twins.map(({ id }) => id)).size).toBe(3)
      // A page that is written again finds its own.
      expect(await runs().ledgerClaim(first, [claim('x', 0), claim('x', 1), claim('y', 2)])).toEqual(twins)
      await runs().ledgerWrite(first, [{ id: twins[1]?.id ?? '', outcome: 'lead_x' }])
      await end(first, 'failed')
      const next = await newRun(flowId)
      // The one that is there is found before the one that is not.
      expect(await outcomes(next, [claim('new', 0), claim('x', 1)])).toEqual([null, 'lead_x'])
      expect(await outcomes(next, [claim('x', 2), claim('x', 3)])).toEqual([null, null])
      expect(await outcomes(next, [claim('x', 1)])).toEqual(['lead_x'])
      expect(await rowsOf(flowId)).toBe(5)
      expect(await outcomes(await newRun(await newFlowId()), [claim('x', 0)])).toEqual([null])
    })
  })
}
