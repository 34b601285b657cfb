import type { MasterKeys } from '@latchwork/contract'
import { Paper, Progress, Text, Title } from '@mantine/core'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { Notice } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './master-keys.module.css'
import { roleOf, valuesOf, valuesOnOthers } from './words.ts'

/** The progress of a rotation, the result of the last one, or that one is due. */
export function RotationPanel({ keys }: { keys: MasterKeys }) {
  const { rotation, items, quarantined } = keys
  if (rotation?.finishedAt === null) return <Progressing rotation={rotation} />
  const waiting = valuesOnOthers(keys)
  if (waiting > 0) {
    return (
      <Notice
        tone="warning"
        message={`${valuesOf(waiting)} ${waiting === 1 ? 'is' : 'are'} encrypted with another key than the active one. Rotate to encrypt ${waiting === 1 ? 'it' : 'them'} again.`}
      />
    )
  }
  if (rotation === null) return null
  const idle = items.filter((key) => roleOf(key) === 'old' && key.rows === 0)
  return (
    <div className={classes['finished']} role="status">
      <IconCircleCheckFilled size={16} aria-hidden />
      <div>
        Rotated <TimeAgo at={rotation.finishedAt} />: {valuesOf(rotation.done)} re-encrypted,{' '}
        <strong>0 values on the old key</strong>
        {quarantined.length > 0 && `, ${quarantined.length} in quarantine`}.{' '}
        {idle.length > 0 &&
          'Retire the old key when nothing needs it any more: other machines, or a backup that you would restore.'}
      </div>
    </div>
  )
}

function Progressing({ rotation }: { rotation: NonNullable<MasterKeys['rotation']> }) {
  const { done, remaining, keyId } = rotation
  const total = done + remaining
  const words = `${done.toLocaleString('en')} of ${valuesOf(total)} re-encrypted`
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="rotation">
      <Title order={2} size="h3" id="rotation">
        Rotating to <code className={classes['fingerprint']}>{keyId}</code>
      </Title>
      <Progress.Root size={8} mt="sm" radius="xs">
        <Progress.Section value={Math.max(1, total === 0 ? 0 : (done / total) * 100)} aria-label="Rotation" />
      </Progress.Root>
      <Text mt="sm">
        {words}, {remaining.toLocaleString('en')} to go.
      </Text>
      <Text c="dimmed">
        People and flows go on meanwhile. You can leave this page. After a restart it continues where it
        stopped.
      </Text>
    </Paper>
  )
}
