import { counted } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Section } from '../ui/Section.tsx'

const databaseNames = { sqlite: 'SQLite, in the data folder', postgres: 'PostgreSQL' }

/** What matters to the people who use this server. Changed by its environment variables and a restart. */
export function ServerSection() {
  const settings = useQuery(settingsQuery)
  const { data } = settings
  return (
    <Section
      title="Server"
      description="Set by environment variables when the server starts. Nothing here is secret."
    >
      <Pending query={settings} what="the settings" rows={6} rowHeight={32} />
      {data !== undefined && (
        <Details>
          <Detail name="Address" help="Where people reach this server.">
            <code>{data.publicUrl}</code>
          </Detail>
          <Detail name="Redirect URI" help="Register it with your OAuth app exactly as it stands here.">
            <code>{data.redirectUri}</code>
            <CopyButton value={data.redirectUri} what="the Redirect URI" />
          </Detail>
          <Detail name="Close API">
            <code>{data.closeApiUrl}</code>
          </Detail>
          <Detail name="Close’s own pages">
            <code>{data.closeAppUrl}</code>
          </Detail>
          <Detail name="Database">{databaseNames[data.database]}</Detail>
          <Detail
            name="Master key"
            help="Its fingerprint, to tell keys apart. Keep the master key in another place than the backups."
          >
            <code>{data.masterKeyFingerprint}</code>
            <CopyButton value={data.masterKeyFingerprint} what="the fingerprint" />
          </Detail>
          <Detail
            name="Kept after a run"
            help="Then it is erased. Set by LATCHWORK_KEEP_SAMPLES_DAYS, LATCHWORK_KEEP_QUARANTINE_DAYS and LATCHWORK_KEEP_RUNS_DAYS."
          >
            Last records of a flow’s last run: {counted(data.keepDays.samples, 'day')}. Refused records:{' '}
            {counted(data.keepDays.quarantine, 'day')}. Runs: {counted(data.keepDays.runs, 'day')}; a flow’s
            last one stays.
          </Detail>
          <Detail
            name="Audit log"
            help="Older entries are removed for good, once a day. Set by LATCHWORK_KEEP_AUDIT_DAYS."
          >
            {data.keepDays.audit === null
              ? 'Kept for ever'
              : `Kept for ${counted(data.keepDays.audit, 'day')}`}
          </Detail>
          <Detail name="Version">{data.version}</Detail>
        </Details>
      )}
    </Section>
  )
}
