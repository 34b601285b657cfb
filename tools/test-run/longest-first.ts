import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, mostly by waiting. None of them is to be left alone at the end, when others are done. */
export const longest: readonly string[] = [
  'server/test/torture/torture.test.ts',
  'server/test/torture/runs.test.ts',
  'server/test/torture/lossless.test.ts',
  'server/test/flows/run-accounts.test.ts',
  'server/test/flows/left-parts.test.ts',
  'server/test/flows/kill.test.ts',
  'connectors/test/close/polite.test.ts',
  'server/test/torture/described-answers.test.ts',
  'server/test/torture/whole-server.test.ts',
  'server/test/security/texts.test.ts',
  'server/test/flows/known.test.ts',
  'server/test/identity/use-matrix.test.ts',
  'server/test/flows/retention.test.ts',
  'server/test/identity/while-waiting.test.ts',
  'server/test/flows/retried.test.ts',
  'server/test/database/postgres.test.ts',
  'server/test/security/start.test.ts',
  'server/test/audit/together.test.ts',
  'cli/test/lost-administrator.test.ts',
  'connectors/test/close/outages.test.ts',
  'server/test/credentials/checking-waits.test.ts',
  'vault/test/slow/nonces.test.ts',
]

/**
 * One project after the other, since a worker serves one only, and that with databases first. Of each, the longest files
 * first. Without this vitest begins with the largest files, and the proofs of the catalogue have five lines.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => withoutDatabase(a) - withoutDatabase(b) || rank(a) - rank(b))
  }
}

const withoutDatabase = ({ project }: TestSpecification): number =>
  Number(project.config.globalSetup.length === 0)

function rank({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((file) => moduleId.endsWith(`/packages/${file}`))
  return place === -1 ? longest.length : place
}
