import { EndsPage } from '../flows/ends/EndsPage.tsx'

/** Data destinations. */
export function DestinationsPage() {
  return <EndsPage kind="destination" />
}
