import type { Bench } from './bench.ts'
import { makeFlow, makeGround, runToEnd, secondsOf, toFile } from './ground.ts'

const leads = 100_000
const changes = 100
const most = 0.03

/** What 100 changes among 100,000 records cost, as a part of what reading all of them costs. */
export const measureIncremental: Bench = async (say) => {
  const ground = await makeGround(leads, say)
  try {
    const { demo, client } = ground
    const { control, organizations } = demo.sandbox
    const flow = await makeFlow(
      ground,
      'Kept up',
      toFile('kept.jsonl'),
      { object: 'streams' },
      {
        everything: false,
        chosen: [
          {
            stream: 'leads',
            label: '',
            mode: 'incremental',
            columns: [],
            parameters: {},
            target: null,
            deletions: 'mark',
          },
        ],
      },
    )
    const measured = async () => {
      control.clearRequests()
      const run = await runToEnd(client, flow)
      return { records: run.recordsWritten, requests: control.requests().length, seconds: secondsOf(run) }
    }
    say('all records ...')
    const all = await measured()
    const records = control.truth(organizations[0]?.id ?? '', 'lead')
    for (let at = 0; at < changes; at += 1) {
      const id = records[at * Math.floor(records.length / changes)]?.['id']
      control.edit({ type: 'lead', id: String(id), changes: { description: `Changed by the bench, ${at}` } })
    }
    say(`${changes} changes ...`)
    const changed = await measured()
    const part = (of: 'requests' | 'seconds') => changed[of] / all[of]
    const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`
    return {
      lines: [
        `${changes} changes among ${leads} records, as a part of reading all of them`,
        '| | records | requests | seconds |',
        '| --- | --- | --- | --- |',
        `| all | ${all.records} | ${all.requests} | ${all.seconds.toFixed(1)} |`,
        `| changes | ${changed.records} | ${changed.requests} | ${changed.seconds.toFixed(2)} |`,
        `| part | | ${percent(part('requests'))} | ${percent(part('seconds'))} |`,
      ],
      faults: [
        ...(changed.records === changes ? [] : [`${changed.records} records were written, not ${changes}`]),
        ...(part('requests') <= most ? [] : [`${percent(part('requests'))} of the requests`]),
        ...(part('seconds') <= most ? [] : [`${percent(part('seconds'))} of the time`]),
      ],
    }
  } finally {
    await ground.stop()
  }
}
