import { ActionIcon, TextInput, type TextInputProps, Tooltip, VisuallyHidden } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'

interface CopyProps {
  value: string
  /** Completes "Copy …", e.g. "the redirect URI". */
  what: string
}

/** Copies a value. */
export function CopyButton({ value, what }: CopyProps) {
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
        {clipboard.error !== null &&
          "The browser didn't allow copying. Select the text and copy it yourself."}
      </VisuallyHidden>
    </>
  )
}

/** A value to be copied to the letter: chosen as a whole when it gets the focus. */
export function CopyField({ value, what, onFocus, ...props }: CopyProps & Omit<TextInputProps, 'value'>) {
  return (
    <TextInput
      readOnly
      dir="ltr"
      value={value}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
      rightSection={<CopyButton value={value} what={what} />}
      rightSectionWidth={36}
      onFocus={(event) => {
        event.currentTarget.select()
        onFocus?.(event)
      }}
      {...props}
    />
  )
}
