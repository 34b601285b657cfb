import { whole } from './values.ts'

/** How long something is kept. */
const days = (least: number) => ({ ...whole('days', least, 3650), secret: false })

/** Ages, after which something is erased: a part of `settingDefinitions`. */
export const keepDefinitions = {
  LATCHWORK_KEEP_SAMPLES_DAYS: {
    ...days(1),
    about:
      "How long, in days, the last records of a flow's last run are kept after its end, for its page. Those of a flow's earlier runs are erased when the next one begins.",
    whenUnset: 'as `LATCHWORK_KEEP_RECORDS_DAYS`',
  },
  LATCHWORK_KEEP_QUARANTINE_DAYS: {
    ...days(1),
    about:
      'How long, in days, records that were refused are kept after the end of their run, with the reason, to be put right and replayed. Then they are erased; their numbers stay.',
    whenUnset: 'as `LATCHWORK_KEEP_RECORDS_DAYS`',
  },
  LATCHWORK_KEEP_RECORDS_DAYS: {
    ...days(1),
    about: 'Both of the above, where they are not set.',
    whenUnset: '`90`',
  },
  LATCHWORK_KEEP_RUNS_DAYS: {
    ...days(1),
    about:
      "How long, in days, runs are kept after their end, with all that is kept of them. A flow's last run stays. The audit log has its entries about them as long as it keeps any.",
    whenUnset: '`90`',
  },
  LATCHWORK_KEEP_CALLS_DAYS: {
    ...days(1),
    about:
      'How long, in days, each call through the gateway is kept: who called what, when, and how it ended. How many there were by the hour is kept for ever.',
    whenUnset: '`30`',
  },
  LATCHWORK_KEEP_AUDIT_DAYS: {
    ...days(30),
    about:
      'How long, in days, entries of the audit log are kept. Once a day the older ones are removed for good, after they were verified; an entry says which. What is left is still verified. Export the log first if you need more of it.',
    whenUnset: 'for ever',
  },
} as const
