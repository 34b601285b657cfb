import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { showGuide } from '../src/guide.ts'
import { type Column, formatTable } from '../src/table.ts'
import { clean, Terminal } from '../src/terminal.ts'
import { ioOf } from './terminal-streams.ts'

describe('tables', () => {
  const items = [
    { id: 'cred_1', name: 'A short name' },
    {
      id: 'cred_22',
      name: 'Ein sehr langer Name: 東京都と大阪府のための資格情報 🎉🎉🎉, with words after it',
    },
  ]
  const columns: readonly Column<(typeof items)[number]>[] = [
    { title: 'Id', cell: ({ id }) => id, whole: true },
    { title: 'Name', cell: ({ name }) => name, style: () => 'red' },
  ]

  it('fit the terminal in any script, and cut no id', () => {
    for (const width of [20, 33, 34, 60]) {
      const lines = formatTable(new Terminal(ioOf({ columns: width })), columns, items)
      expect(lines.map((line) => stringWidth(line)).every((length) => length <= width)).toBe(true)
      expect(lines[2]).toMatch(/^cred_22 {2}.*…$/)
    }
  })

  it('are whole where nobody reads along, and coloured only in a terminal without NO_COLOR', () => {
    const piped = formatTable(new Terminal(ioOf({})), columns, items).join('\n')
    expect(piped).toContain('with words after it')
    expect(piped).not.toContain('\u001b')
    const shown = formatTable(new Terminal(ioOf({ isTTY: true })), columns, items).join('\n')
    expect(shown).toContain('\u001b[31mA short name')
    const plain = ioOf({ isTTY: true, env: { NO_COLOR: '1' } })
    expect(formatTable(new Terminal(plain), columns, items).join('\n')).not.toContain('\u001b')
  })

  it('are whole in a terminal that does not know its width', () => {
    const lines = formatTable(
      new Terminal(ioOf({ columns: 0, isTTY: true, env: { NO_COLOR: '1' } })),
      columns,
      items,
    )
    expect(lines.join('\n')).toContain('with words after it')
  })

  it('leave out what can be spared where there is no room', () => {
    const spared: typeof columns = [
      ...columns,
      { title: 'Kind', cell: () => 'a kind of thing', whole: true, spare: 2 },
      { title: 'Use', cell: () => 'often', whole: true, spare: 1 },
    ]
    const titles = (width: number) => formatTable(new Terminal(ioOf({ columns: width })), spared, items)[0]
    expect(titles(80)).toMatch(/^Id +Name +Kind +Use$/)
    expect(titles(40)).toMatch(/^Id +Name +Use$/)
    expect(titles(26)).toMatch(/^Id +Name$/)
  })

  it('let no text of others command the terminal', () => {
    expect(clean('a\u001b[2Jb\r\nc\u202ed\u009b31m')).toBe('a [2Jb c d 31m')
  })
})

describe('a guide', () => {
  it('is broken between words within the width of the terminal, in any script', () => {
    const io = ioOf({ columns: 46, isTTY: true, env: { NO_COLOR: '1' } })
    const text = '設定 を 開く と 開発者 の 項目 が 見える ので そこ で 新しい 鍵 を 作る'
    const steps = [{ text }, { text: 'Copy `it`.' }]
    showGuide(new Terminal(io), { guide: { title: 'Where it is', steps, warnings: [], links: [] } }, true)
    const lines = String(io.stderr.read()).split('\n')
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(46)
    expect(lines).toContain('  2. Copy it.')
    expect(lines.join('').replaceAll(' ', '')).toContain(text.replaceAll(' ', ''))
  })
})
