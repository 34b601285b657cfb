import type { MethodDefinition } from '@latchwork/contract'
import { clean, type Terminal } from './terminal.ts'

const widest = 100

/** Where a person gets what they will be asked for: the guide that the page shows beside its form. */
export function showGuide(terminal: Terminal, { guide }: MethodDefinition, withWarnings: boolean): void {
  terminal.note(terminal.paintNote('bold', clean(guide.title)))
  for (const [index, { text, link }] of guide.steps.entries()) {
    note(terminal, `${index + 1}.`, text)
    if (link !== undefined) terminal.note(`     ${terminal.paintNote('cyan', clean(link.url))}`)
  }
  if (withWarnings) for (const warning of guide.warnings) note(terminal, '! ', warning)
  terminal.note('')
}

/** An item of a list, broken between words. */
function note(terminal: Terminal, mark: string, text: string): void {
  const room = Math.min(terminal.width, widest) - 6
  const lines = ['']
  // Without the marks of `code` and **strong** words.
  for (const word of clean(text.replaceAll(/`|\*\*/g, '')).split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  for (const [index, line] of lines.entries()) terminal.note(`  ${index === 0 ? mark : '  '} ${line}`)
}
