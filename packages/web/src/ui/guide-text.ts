interface GuideTextPart {
  kind: 'plain' | 'code' | 'strong'
  text: string
}

/** Splits the text of a guide into plain text, `code` and **strong** words. An unclosed mark is plain text. */
export function splitGuideText(text: string): GuideTextPart[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (/^`[^`]+`$/.test(part)) return { kind: 'code', text: part.slice(1, -1) }
      if (/^\*\*[^*]+\*\*$/.test(part)) return { kind: 'strong', text: part.slice(2, -2) }
      return { kind: 'plain', text: part }
    })
}
