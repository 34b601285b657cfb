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
  'server/test/security/start.test.ts',
  'server/test/audit/together.test.ts',
  'cli/test/lost-administrator.test.ts',
  'connectors/test/close/outages.test.ts',
  'server/test/credentials/checking-waits.test.ts',
  'vault/test/slow/nonces.test.ts',
]

/**
 * Files that share their worker's modules first, then those with a worker of their own, each time with the longest at
 * the beginning. Without this vitest begins with the largest files, and the proofs of the catalogue have five lines.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => isolated(a) - isolated(b) || rank(a) - rank(b))
  }
}

const isolated = ({ project }: TestSpecification): number => Number(project.config.isolate)

function rank({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((file) => moduleId.endsWith(`/packages/${file}`))
  return place === -1 ? longest.length : place
}
