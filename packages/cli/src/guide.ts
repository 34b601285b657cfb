import type { MethodDefinition } from '@latchwork/contract'
import { Help } from 'commander'
import stringWidth from 'string-width'
import { clean, type Terminal } from './terminal.ts'

const widest = 100
/** Wraps lines as the help does. */
const wrapping = Object.assign(new Help(), { displayWidth: stringWidth, minWidthToWrap: 20 })

/** Shows where to get the values of a form: the same guide as on the page. */
export function showGuide(
  terminal: Terminal,
  { guide }: Pick<MethodDefinition, 'guide'>,
  withWarnings: boolean,
): void {
  terminal.note(terminal.paintNote('bold', clean(guide.title)))
  for (const [index, { text, link }] of guide.steps.entries()) {
    note(terminal, `${index + 1}.`, text)
    if (link !== undefined) terminal.note(`     ${terminal.paintNote('cyan', clean(link.url))}`)
  }
  if (withWarnings) for (const warning of guide.warnings) note(terminal, '! ', warning)
  terminal.note('')
}

/** An item of a list, wrapped between words. */
function note(terminal: Terminal, mark: string, text: string): void {
  // Removes the marks of `code` and **strong** words.
  const plain = clean(text.replaceAll(/`|\*\*/g, ''))
  const lines = wrapping.boxWrap(plain, Math.min(terminal.width, widest) - 6).split('\n')
  for (const [index, line] of lines.entries()) terminal.note(`  ${index === 0 ? mark : '  '} ${line}`)
}
