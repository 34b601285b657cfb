import { useQuery } from '@tanstack/react-query'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Fact, Facts } from '../ui/Facts.tsx'
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
      description="Set by environment variables when the server starts; nothing here is secret."
    >
      <Pending query={settings} what="the settings" rows={6} rowHeight={32} />
      {data !== undefined && (
        <Facts>
          <Fact name="Address" help="Where people reach this server.">
            <code>{data.publicUrl}</code>
          </Fact>
          <Fact name="Redirect URI" help="To register with an OAuth app, to the letter.">
            <code>{data.redirectUri}</code>
            <CopyButton value={data.redirectUri} what="the Redirect URI" />
          </Fact>
          <Fact name="Close API">
            <code>{data.closeApiUrl}</code>
          </Fact>
          <Fact name="Close’s own pages">
            <code>{data.closeAppUrl}</code>
          </Fact>
          <Fact name="Database">{databaseNames[data.database]}</Fact>
          <Fact
            name="Master key"
            help="Its fingerprint, to tell keys apart. Keep the master key in another place than the backups."
          >
            <code>{data.masterKeyFingerprint}</code>
            <CopyButton value={data.masterKeyFingerprint} what="the fingerprint" />
          </Fact>
          <Fact name="Version">{data.version}</Fact>
        </Facts>
      )}
    </Section>
  )
}
