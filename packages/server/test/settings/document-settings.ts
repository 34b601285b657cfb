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
`
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

if (import.meta.main)
  writeFileSync(new URL('../../../../docs/settings.md', import.meta.url), describeSettings())
