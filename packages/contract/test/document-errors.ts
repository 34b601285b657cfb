import { writeFileSync } from 'node:fs'
import { errorCatalogue } from '../src/index.ts'

/** The text of docs/errors.md. Run this file to write it: `node packages/contract/test/document-errors.ts`. */
export function documentErrors(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  )
  return `${[
    '# Errors',
    '',
    'Every error answer is `application/problem+json` with one of these codes. Programs may rely on the code; the sentence may change.',
    'Those from `settings_invalid` on are printed at start, before there is anything to answer.',
    '',
    '| code | status | what it says by default |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n')}\n`
}

if (import.meta.main) writeFileSync(new URL('../../../docs/errors.md', import.meta.url), documentErrors())
