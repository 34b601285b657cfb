import { Code } from '@mantine/core'
import { splitGuideText } from './guide-text.ts'

/** Text of a guide, with its `code` and **strong** words drawn as such. Everything else is plain text. */
export function GuideText({ text }: { text: string }) {
  return splitGuideText(text).map((part, index) => {
    const key = `${index}-${part.kind}`
    if (part.kind === 'code') return <Code key={key}>{part.text}</Code>
    if (part.kind === 'strong') return <strong key={key}>{part.text}</strong>
    return <span key={key}>{part.text}</span>
  })
}
