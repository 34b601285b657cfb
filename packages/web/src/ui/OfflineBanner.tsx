import { useNetwork } from '@mantine/hooks'
import { IconWifiOff } from '@tabler/icons-react'
import classes from './states.module.css'

/** Says so while the browser has no network. */
export function OfflineBanner() {
  const { online } = useNetwork()
  return (
    <div role="status">
      {!online && (
        <p className={classes['offline']}>
          <IconWifiOff size={16} aria-hidden />
          You are offline. What you see may be old. You can save changes when the network is back.
        </p>
      )}
    </div>
  )
}
