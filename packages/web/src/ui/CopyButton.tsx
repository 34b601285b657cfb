import { ActionIcon, Tooltip, VisuallyHidden } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** Copies `value`. `what` completes "Copy …", e.g. "the redirect URI". */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const clipboard = useClipboard({ timeout: 2000 })
  return (
    <>
      <Tooltip label={clipboard.copied ? 'Copied' : `Copy ${what}`}>
        <ActionIcon size={28} aria-label={`Copy ${what}`} onClick={() => clipboard.copy(value)}>
          {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status">
        {clipboard.copied && 'Copied'}
        {clipboard.error !== null && "The browser didn't allow copying. Select the text and copy it by hand."}
      </VisuallyHidden>
    </>
  )
}
