import type { MethodDefinition } from '@latchwork/contract'
import { clean, type Terminal } from './terminal.ts'

/** Where a person gets what they will be asked for: the guide that the page shows beside its form. */
export function showGuide(terminal: Terminal, { guide }: MethodDefinition): void {
  terminal.note(terminal.paintNote('bold', clean(guide.title)))
  for (const [index, { text, link }] of guide.steps.entries()) {
    const address = link === undefined ? '' : `  ${terminal.paintNote('cyan', clean(link.url))}`
    terminal.note(`  ${index + 1}. ${plain(text)}${address}`)
  }
  for (const warning of guide.warnings)
    terminal.note(`  ${terminal.paintNote('yellow', '!')} ${plain(warning)}`)
  terminal.note('')
}

/** Without the marks of `code` and **strong** words. */
function plain(text: string): string {
  return clean(text.replaceAll(/`|\*\*/g, ''))
}
