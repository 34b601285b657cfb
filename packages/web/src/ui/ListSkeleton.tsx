import { Skeleton, Stack } from '@mantine/core'
import classes from './states.module.css'

interface ListSkeletonProps {
  /** The label for screen readers: "Loading credentials". */
  label: string
  rows?: number
  rowHeight?: number
}

/** The outline of a list that is being loaded. Appears after 200 ms, so that a quick answer doesn't flash. */
export function ListSkeleton({ label, rows = 6, rowHeight = 56 }: ListSkeletonProps) {
  return (
    <Stack role="status" aria-label={label} gap="sm" className={classes['appearing']}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are alike and never reordered
        <Skeleton key={index} height={rowHeight} radius="md" />
      ))}
    </Stack>
  )
}
