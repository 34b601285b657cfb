import { TimeAgo } from '../ui/TimeAgo.tsx'

/** When a flow runs next. A time that has just passed is not "5 seconds ago": the run is about to start. */
export function NextRun({ at }: { at: string }) {
  if (Date.parse(at) <= Date.now()) return <>next run is due</>
  return (
    <>
      next <TimeAgo at={at} />
    </>
  )
}
