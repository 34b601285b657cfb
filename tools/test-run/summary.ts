import { z } from 'zod'

/** The number of slowest test files in the summary. */
const shownFiles = 10
/** The lines of a failure's message in the summary: the first lines say what was expected. */
const shownLines = 6

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      startTime: z.number().default(0),
      endTime: z.number().default(0),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

const playwrightSpecs = z.object({
  specs: z
    .array(
      z.object({
        file: z.string(),
        title: z.string(),
        ok: z.boolean(),
        tests: z.array(
          z.object({
            results: z.array(
              z.object({ duration: z.number(), error: z.object({ message: z.string() }).optional() }),
            ),
          }),
        ),
      }),
    )
    .default([]),
})
type PlaywrightSuite = z.infer<typeof playwrightSpecs> & { readonly suites: readonly PlaywrightSuite[] }
const playwrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  playwrightSpecs.extend({ suites: z.array(playwrightSuite).default([]) }),
)
const playwrightReport = z.object({ suites: z.array(playwrightSuite).default([]) })

/** The end of a long run: which tests failed and why, and where the time (in ms) went. */
export interface Summary {
  readonly failures: readonly string[]
  readonly files: readonly { readonly name: string; readonly durationMs: number }[]
}

/** @throws ZodError on anything but vitest's JSON report; undefined stands for no report */
export function summarizeVitest(report: unknown, checkout: string): Summary {
  if (report === undefined) return { failures: [], files: [] }
  const { testResults } = vitestReport.parse(report)
  const relative = (name: string) => name.replace(`${checkout}/`, '')
  return {
    failures: testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((each) => each.status === 'failed')
      if (failed.length === 0 && status === 'failed') return [failure(relative(name), 'not loaded', message)]
      return failed.map((each) =>
        failure(relative(name), each.fullName, (each.failureMessages ?? []).join('\n')),
      )
    }),
    files: testResults.map(({ name, startTime, endTime }) => ({
      name: relative(name),
      durationMs: endTime - startTime,
    })),
  }
}

/** @throws ZodError on anything but Playwright's JSON report; undefined stands for no report */
export function summarizePlaywright(report: unknown): Summary {
  if (report === undefined) return { failures: [], files: [] }
  const specs = playwrightReport.parse(report).suites.flatMap(specsOf)
  const files = new Map<string, number>()
  for (const { file, tests } of specs) {
    const durationMs = tests.flatMap(({ results }) => results).reduce((sum, each) => sum + each.duration, 0)
    files.set(file, (files.get(file) ?? 0) + durationMs)
  }
  return {
    failures: specs
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) =>
        failure(
          `e2e/tests/${file}`,
          title,
          tests.flatMap(({ results }) => results.map(({ error }) => error?.message ?? '')).join('\n'),
        ),
      ),
    files: [...files].map(([name, durationMs]) => ({ name: `e2e/tests/${name}`, durationMs })),
  }
}

function specsOf(suite: PlaywrightSuite): PlaywrightSuite['specs'] {
  return [...suite.specs, ...suite.suites.flatMap(specsOf)]
}

function failure(file: string, title: string, message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  return [`${file} > ${title}`, ...lines.slice(0, shownLines).map((line) => `  ${line}`)].join('\n')
}

/** The lines to print: the slowest files first, the failures last, where a reader looks. */
export function summaryLines(summaries: readonly Summary[]): string[] {
  const files = summaries.flatMap((each) => each.files).sort((a, b) => b.durationMs - a.durationMs)
  const failures = summaries.flatMap((each) => each.failures)
  return [
    ...(files.length === 0 ? [] : ['The slowest test files:']),
    ...files
      .slice(0, shownFiles)
      .map(({ name, durationMs }) => `  ${(durationMs / 1000).toFixed(0).padStart(4)} s  ${name}`),
    ...failures.map((each) => `FAILED ${each}`),
  ]
}
