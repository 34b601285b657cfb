import { EndsPage } from '../flows/ends/EndsPage.tsx'

/** Data sources. */
export function SourcesPage() {
  return <EndsPage kind="source" />
}
