import { writeFileSync } from 'node:fs'
import { settingDefinitions } from '../../src/settings/definitions.ts'

/** The text of docs/settings.md. Run this file to write it: `node packages/server/test/settings/document-settings.ts`. */
export function describeSettings(): string {
  const rows = Object.entries(settingDefinitions).map(([name, { about, mustBe, whenUnset, secret }]) => {
    const value = `${capitalized(mustBe)}.${secret ? ' **Secret.**' : ''}`
    return `| \`${name}\` | ${about} | ${value} | ${capitalized(whenUnset)}. |`
  })
  return `# Settings

The server reads these environment variables once, at its start. An empty one counts as not set. If some are wrong it
doesn't start and names all of them at once; secret values are never repeated. A \`LATCHWORK_\` name that isn't listed here
is a fault too, so that a slip in spelling doesn't go unnoticed.

| variable | what it is for | its value | when not set |
| --- | --- | --- | --- |
${rows.join('\n')}

## Outbound proxies
Where the network is left only through a proxy, set the variables that other programs know too, in capital or small
letters: \`HTTPS_PROXY\` (and \`HTTP_PROXY\`) to its address, like \`http://proxy.company.example:3128\`, with a user and a
password in it if need be; \`NO_PROXY\` to the hosts that are reached directly, with commas between
(\`localhost,.internal.example\`). Requests to Close and to its token endpoint, webhooks of alerts, and key management
services then go through the proxy, and so does the command line, except to its own machine. The proxy looks up the names of
hosts; that a webhook leads to no address of the machine's own cloud is then the proxy's to see to. Databases
(PostgreSQL) and the mail server are reached directly, whatever these variables say. A proxy that reads along needs its
authority in \`NODE_EXTRA_CA_CERTS\` (the path of a PEM file). All this needs Node 24.14 or newer; on Node 22.21 and newer
set \`NODE_USE_ENV_PROXY=1\` as well. An older Node uses no proxy, and the server says so at its start.
`
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

if (import.meta.main)
  writeFileSync(new URL('../../../../docs/settings.md', import.meta.url), describeSettings())
