import { Textarea, type TextareaProps } from '@mantine/core'

interface DescriptionFieldProps extends Omit<TextareaProps, 'onChange'> {
  value: string
  onChange(text: string): void
}

/** The description of something, in a few lines. */
export function DescriptionField({ onChange, ...props }: DescriptionFieldProps) {
  return (
    <Textarea
      label="Description"
      autosize
      minRows={2}
      maxRows={8}
      maxLength={2000}
      dir="auto"
      onChange={(event) => onChange(event.currentTarget.value)}
      {...props}
    />
  )
}
